import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from food_inspections.domain.features.history import DAY_SPAN, NO_GROUP, Past, day_numbers, group_codes

numbers = st.integers(0, 5)
events_strategy = st.lists(st.tuples(st.integers(-1, 3), numbers, st.integers(-3, 9), st.booleans()), max_size=15)
queries_strategy = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 7)), min_size=1, max_size=6)
windows = st.sampled_from([None, 0, 1, 2, 100])


def build(events, queries, of=Past.of):
    events = sorted(events, key=lambda event: event[1])
    groups, days, values, flags = (np.array(column) for column in zip(*events, strict=True)) if events else ([],) * 4
    query_groups, query_days = (np.array(column, dtype=np.int64) for column in zip(*queries, strict=True))
    past = of(np.array(groups, dtype=np.int64), np.array(days, dtype=np.int64), query_groups, query_days)
    return past, events, np.array(values, dtype=np.int64), np.array(flags, dtype=bool)


def seen(events, group, day, window=None):
    """Positions of the events a query may see, in order."""
    return [
        i
        for i, (event_group, event_day, *_) in enumerate(events)
        if event_group == group != NO_GROUP and event_day < day and (window is None or event_day >= day - window)
    ]


@given(events_strategy, queries_strategy, windows)
def test_counts_and_sums_are_those_of_a_plain_search(events, queries, window):
    past, events, values, _ = build(events, queries)
    expected = [seen(events, *query, window) for query in queries]

    assert past.counts(window).tolist() == [len(found) for found in expected]
    assert past.sums(values, window).tolist() == [int(values[found].sum()) if found else 0 for found in expected]
    pairs = np.column_stack([values, values * 2])
    assert (past.sums(pairs, window)[:, 1] == 2 * past.sums(values, window)).all()


@given(events_strategy, queries_strategy, st.integers(1, 3))
def test_last_and_first_events_are_those_of_a_plain_search(events, queries, back):
    past, events, values, _ = build(events, queries)
    expected = [seen(events, *query) for query in queries]

    assert past.last(back).tolist() == [found[-back] if len(found) >= back else -1 for found in expected]
    assert past.first().tolist() == [found[0] if found else -1 for found in expected]
    sums = [int(values[found[-back:]].sum()) if found else 0 for found in expected]
    assert past.last_sums(values, back).tolist() == sums


@given(events_strategy, queries_strategy, windows)
def test_events_of_groups_that_nobody_asks_about_can_be_left_out(events, queries, window):
    whole, _, values, flags = build(events, queries)
    asked, *_ = build(events, queries, Past.of_asked)

    assert len(asked.order) <= len(whole.order)
    assert {group for group, *_ in events} & {group for group, _ in queries} >= set(asked.keys // DAY_SPAN)
    for of_either in (
        lambda past: past.counts(window),
        lambda past: past.sums(values, window),
        lambda past: past.last(),
        lambda past: past.first(),
        lambda past: past.run_lengths(flags),
        lambda past: past.only(flags).counts(window),
    ):
        assert of_either(asked).tolist() == of_either(whole).tolist()


@given(events_strategy, queries_strategy)
def test_runs_count_back_to_the_last_break(events, queries):
    past, events, _, flags = build(events, queries)
    expected = []
    for query in queries:
        length = 0
        for i in reversed(seen(events, *query)):
            if flags[i]:
                break
            length += 1
        expected.append(length)

    assert past.run_lengths(flags).tolist() == expected


@given(events_strategy, queries_strategy, st.integers(0, 2))
def test_shifting_asks_about_another_group(events, queries, shift):
    queries = [(max(group, 0), day) for group, day in queries]
    past, events, _, _ = build(events, queries)

    assert past.shifted(shift).counts().tolist() == [len(seen(events, g + shift, day)) for g, day in queries]


def test_events_of_the_day_itself_are_not_seen():
    past, *_ = build([(0, 3, 1, True), (0, 4, 1, True)], [(0, 4)])

    assert past.counts().tolist() == [1]


def test_day_numbers_differ_by_days_and_are_never_negative():
    days = day_numbers(pd.Series(pd.to_datetime(["1900-01-01", "2014-01-01", "2014-01-02"])))

    assert (days >= 0).all()
    assert days[2] - days[1] == 1


def test_group_codes_are_equal_where_all_columns_are():
    events = [pd.Series(["a", "a", "b"]), pd.Series(["x", "y", "x"])]
    queries = [pd.Series(["b", "c"]), pd.Series(["x", "x"])]

    left, right = group_codes(events, queries)

    assert len(set(left)) == 3
    assert right[0] == left[2]
    assert right[1] not in left


@pytest.mark.parametrize("window", [None, 30])
def test_no_events_and_no_queries(window):
    nothing = np.array([], dtype=np.int64)
    for past in (
        Past.of(nothing, nothing, np.array([0]), np.array([5])),
        Past.of(np.array([0]), np.array([1]), nothing, nothing),
    ):
        size = len(past.query_days)
        assert past.counts(window).tolist() == [0] * size
        assert past.last().tolist() == [-1] * size
        assert past.run_lengths(np.zeros(1, dtype=bool)).tolist() == [0] * size
