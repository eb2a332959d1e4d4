"""How the API and the monitor meet the network: workers that no slow client can hold up.

- ``server``: gunicorn's arbiter, which starts the workers and starts dead ones again,
- ``worker``: what answers, after waitress: a request takes a thread once it has arrived whole,
- ``problems``: the one shape of errors.
"""
