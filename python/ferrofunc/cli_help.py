"""The help texts of the command line. Imported by `cli` when somebody asks."""

from __future__ import annotations

GENERAL = """\
ferrofunc {version}: runs Python Azure Functions apps locally, in place of `func`.

Usage: ferrofunc start [options]

Commands
  start         Run the app of this folder, or of the one above it that holds host.json.
                `host start` is the same.
  help start    List the options of start. `start --help` is the same.
  version       Print the version. `--version` and `-v` are the same.

Examples
  ferrofunc start
  ferrofunc start --port 8000 --verbose
  ferrofunc start --functions orders invoices
"""

START = """\
Usage: ferrofunc start [options]

Runs the app until Ctrl-C. Settings come, the first that has one, from: the options, the
environment, local.settings.json, host.json.

Where
  -p, --port <number>        Port to listen on. Default: Host.LocalHttpPort of
                             local.settings.json, else 7071.
      --address <ip>         IP address to listen on. Default: Host.LocalHttpAddress, else
                             127.0.0.1. Use 0.0.0.0 to be reached from other machines.
      --useHttps             Speak HTTPS instead of HTTP.
      --cert <file>          Certificate for --useHttps: PKCS#12 (.pfx) or PEM. Default: one made
                             for localhost, and kept for the next starts.
      --password <text>      Password of --cert, or the path of a file that holds it.
      --script-root <dir>    Act as if started in this directory. Also --prefix.

What
      --functions <a> <b>    Load these functions and no others.
  -t, --timeout <seconds>    Accepted; requests wait up to 30 seconds for the app anyway.

Who may call
      --cors <a>,<b>         Origins whose pages may read answers, such as https://app.example, or
                             * for all. Default: Host.CORS of local.settings.json, else none.
      --cors-credentials     Those pages may send cookies. Default: Host.CORSCredentials.
      --enableAuth           Ask callers for keys. Default: every caller is let in.

Output
      --verbose              Show what the host does, not only what the functions say.
      --user-log-level <l>   Least level of the functions' own records: Trace, Debug,
                             Information, Warning, Error, Critical or None. Default: Information.
      --debug                Show the stack of an error of ferrofunc itself.
      --pause-on-error       Wait for Enter after an error.

Accepted, because scripts pass them, without effect
      --offline, --enable-json-output, --json-output-file <file>
      --no-build, --runtime <name>, --csharp, --dotnet-isolated, --dotnet-isolated-debug

Not supported yet: taken with a warning
      --language-worker

Options take `--name value` or `--name=value`, in any case; flags may be followed by true or false.

Examples
  ferrofunc start
  ferrofunc start --port 8000
  ferrofunc start --address 0.0.0.0 --verbose
  ferrofunc start --functions orders invoices --user-log-level Debug
  ferrofunc start --script-root services/billing
"""
