"""How good a forecast is: metrics, baselines, intervals, backtests."""
