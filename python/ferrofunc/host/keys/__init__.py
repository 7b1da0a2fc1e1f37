"""The app's access keys: where they lie and what the files hold (http.md 8.4)."""
