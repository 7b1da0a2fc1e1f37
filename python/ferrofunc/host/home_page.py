"""The page at `/`: says that the app runs. It shows nothing of the app and loads nothing."""

from __future__ import annotations

HTML = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Your function app is running</title>
<style>
  :root { --ink: #1f2328; --soft: #59636e; --paper: #fcfaf8; --line: #e3ddd6; --rust: #b7410e; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #ece8e3; --soft: #a39c94; --paper: #191614; --line: #38322d; --rust: #f0834a; }
  }
  * { box-sizing: border-box; }
  body {
    margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem;
    background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif;
  }
  main { max-width: 34rem; border-top: 4px solid var(--rust); padding-top: 1.5rem; }
  h1 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.25; }
  p { margin: 0 0 1rem; }
  .soft { color: var(--soft); font-size: .9rem; border-top: 1px solid var(--line);
    padding-top: 1rem; }
  code { font: .9em ui-monospace, monospace; color: var(--rust); }
</style>
</head>
<body>
<main>
  <h1>Your function app is up and running</h1>
  <p>Nothing is mapped to this address. The console that started the app lists the address of each
    HTTP function.</p>
  <p class="soft">Served by ferrofunc. Set <code>AzureWebJobsDisableHomepage</code> to
    <code>true</code> to answer this address without a page.</p>
</main>
</body>
</html>
"""
