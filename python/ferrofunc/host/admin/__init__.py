"""What the host answers itself: the home page, the admin API, webhooks (http.md 3.3, 8.5 and 11).

`router` has the table of all endpoints, one file beside it each group of them. They compute answers
from what the host knows; what needs it to act they ask of `Acts`. `desk` is the one door: the
supervisor hands it the gateway's events. Imported when the first of them arrives, not before.
"""
