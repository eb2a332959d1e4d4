"""SQL to frame, one module a page. Every query reads accepted weeks only and aggregates in SQL."""
