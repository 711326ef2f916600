// How long a piece of text takes from the language server's writing it to the loop of whoever reads the SDK's stream:
// the simulator writes the time into the text, and process.hrtime reads the same clock. Said, not judged.

import assert from 'node:assert/strict';
import { base, holds, require, run } from './scenarios.mjs';

const OpenAI = require('openai');
const openai = new OpenAI({ apiKey: 'any', baseURL: base + '/v1' });
const deltas = 2000;
const text = `[[ls:synthetic=${deltas},gap_us=1000]]`;

const quantile = (sorted, part) => (sorted[Math.floor(part * (sorted.length - 1))] / 1e6).toFixed(3);

function measure(name, pieces) {
  const stamps = [], times = [];
  for (const [piece, now] of pieces) {
    const told = piece.match(/t=\d+/g) ?? [];
    stamps.push(...told.map((each) => BigInt(each.slice(2))));
    if (told.length) times.push(Number(now - stamps.at(-1)));
  }
  assert.equal(stamps.length, deltas);
  assert.ok(stamps.every((each, index) => index === 0 || each > stamps[index - 1]));
  times.sort((a, b) => a - b);
  console.log(`${name}: ${times.length} pieces, written → read: p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`);
}

holds('every piece of a chat arrives, once and in order', async () => {
  const pieces = [];
  for await (const chunk of await openai.chat.completions.create(
    { model: 'gemini-3-flash', stream: true, messages: [{ role: 'user', content: text }] })) {
    pieces.push([chunk.choices[0].delta.content ?? '', process.hrtime.bigint()]);
  }
  measure('chat', pieces);
});

holds('every piece of a response arrives, once and in order', async () => {
  const pieces = [];
  for await (const event of await openai.responses.create({ model: 'gemini-3-flash', stream: true, input: text })) {
    if (event.type === 'response.output_text.delta') pieces.push([event.delta, process.hrtime.bigint()]);
  }
  measure('response', pieces);
});

await run();
