"""What a serving model's scores are compared with: scores by the fit that has not seen the validation weeks."""

from food_inspections_tests.orchestration.shared_city import FIRST_CUTOFF, SECOND_CUTOFF, SharedCity


def test_the_validation_weeks_are_scored_by_the_fit_that_has_not_seen_them(shared_city: SharedCity) -> None:
    for cutoff in (FIRST_CUTOFF, SECOND_CUTOFF):
        champion = shared_city.warehouse.champion(cutoff)
        serving = shared_city.warehouse.load_model(champion.object_key, champion.checksum)
        judged = shared_city.frame(
            "SELECT object_key, checksum FROM models.candidates WHERE model_id = :id", id=champion.candidate_id
        ).iloc[0]
        unseen = shared_city.warehouse.load_model(judged["object_key"], judged["checksum"])
        reference = shared_city.frame(
            "SELECT * FROM models.reference_scores WHERE model_id = :id ORDER BY inspection_id", id=champion.model_id
        )
        rows = shared_city.frame(
            "SELECT f.* FROM data.inspection_features AS f JOIN models.validation_scores AS s USING (inspection_id) "
            "WHERE s.model_id = :id ORDER BY inspection_id",
            id=champion.candidate_id,
        )

        raw, seen = (model.estimator.raw_log_odds(model.inputs.frame(rows)) for model in (unseen, serving))
        assert reference["inspection_id"].tolist() == rows["inspection_id"].tolist()
        assert reference["score"].tolist() == serving.calibration.score(raw).tolist()
        assert reference["score"].tolist() != serving.calibration.score(seen).tolist()
