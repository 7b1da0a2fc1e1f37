// Opens one page in headless Chromium and tells, as JSON on standard output, how it went.
//
//   node visit.js CHROMIUM URL
//
// A page that is done sets `window.outcome`. What the console showed, what was thrown and which
// requests failed is told beside it: the tests assert that there was none. Called by
// tests/clients/visiting.py; must never decide what is right.

import { chromium } from "playwright-core";

const [executablePath, url] = process.argv.slice(2);
const PATIENCE = 15_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const told = { outcome: null, title: "", console: [], thrown: [], failed: [], answers: [] };
try {
  const page = await browser.newPage();
  page.on("console", (message) => told.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => told.thrown.push(String(error)));
  page.on("requestfailed", (request) => {
    const text = request.failure()?.errorText;
    // What the page itself gave up, or closed, or did not read to its end.
    if (text !== "net::ERR_ABORTED") told.failed.push(`${request.method()} ${request.url()}: ${text}`);
  });
  page.on("response", (response) =>
    told.answers.push([response.request().method(), response.url(), response.status()]),
  );
  await page.goto(url);
  told.title = await page.title();
  const done = await page
    .waitForFunction(() => window.outcome, null, { timeout: PATIENCE })
    .catch(() => null);
  told.outcome = done && (await done.jsonValue());
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));
