// Sentences about the service's OpenAI API, each with the code that shows it. `run()` says for each whether it holds, in
// the form that lib.sh counts; a sentence that does not end within a minute does not hold.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The packages are installed in the build folder, away from this file.
export const require = createRequire(pathToFileURL(process.env.ZG_NODE_MODULES + '/anchor.js'));
export const base = process.env.ZG_API ?? 'http://127.0.0.1:8741';

const scenarios = [];

export const holds = (sentence, show) => scenarios.push({ sentence, show });

export async function run() {
  let failed = 0;
  for (const { sentence, show } of scenarios) {
    try {
      await within(60_000, show());
      console.log(`ok: ${sentence}`);
    } catch (error) {
      ++failed;
      console.log(`FAILED: ${sentence}`);
      console.log(String(error?.stack ?? error).split('\n').slice(0, 12).map((line) => `  | ${line}`).join('\n'));
    }
  }
  console.log('end');
  process.exit(failed ? 1 : 0);
}

function within(ms, work) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`not within ${ms} ms`)), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export async function failure(work) {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/// What the service answers to GET.
export async function get(path, headers = {}) {
  return (await fetch(base + path, { headers })).json();
}

/// Asks until `found` gives something: for what the service does off the hot path.
export async function eventually(found) {
  for (const deadline = Date.now() + 20_000; ;) {
    const value = await found();
    if (value) return value;
    if (Date.now() > deadline) throw new Error('it did not come to pass');
    await new Promise((go_on) => setTimeout(go_on, 20));
  }
}

/// The ledger's rows of a cascade, once `enough` of them are there.
export function rows_of(cascade, enough = (rows) => rows.length > 0) {
  return eventually(async () => {
    const { data } = await get('/v1/usage/exchanges?limit=1000');
    const rows = data.filter((row) => row.conversation === cascade);
    return enough(rows) && rows;
  });
}

export const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
