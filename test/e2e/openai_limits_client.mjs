// OpenAI's SDK on a service with a key, one place for a turn and none to wait in, and room for two responses.

import assert from 'node:assert/strict';
import { base, failure, holds, require, run } from './scenarios.mjs';

const OpenAI = require(process.argv[2] ?? 'openai');
const key = 'a-key-of-some-length';
let tries = 0;
const counting = (...request) => (++tries, fetch(...request));
const client = (apiKey, more = {}) => (tries = 0, new OpenAI({ apiKey, baseURL: base + '/v1', fetch: counting, ...more }));
const ask = (content, more = {}) => ({ model: 'gemini-3-flash', messages: [{ role: 'user', content }], ...more });

/// A turn that has begun and stays until it is left.
async function holder() {
  const stream = await client(key).chat.completions.create(ask('hi [[ls:stall=2]]', { stream: true }));
  // By hand: leaving a loop would leave the stream.
  const chunks = stream[Symbol.asyncIterator]();
  for (let said = ''; !said;) said = (await chunks.next()).value.choices[0].delta.content;
  return stream.controller;
}

holds('a wrong key is an AuthenticationError, once', async () => {
  for (const [wrong, more] of [['another-key-of-that-length', {}], [key, { defaultHeaders: { Authorization: null } }]]) {
    const error = await failure(() => client(wrong, more).models.list());
    assert.ok(error instanceof OpenAI.AuthenticationError, String(error));
    assert.equal(error.code, 'invalid_api_key');
    assert.equal(tries, 1);
  }
});

holds('the key opens', async () => {
  assert.ok((await client(key).models.list()).data.length > 0);
});

holds('without a place a turn is a RateLimitError that says when to come again', async () => {
  const held = await holder();
  for (const stream of [false, true]) {
    const error = await failure(() => client(key, { maxRetries: 0 }).chat.completions.create(ask('hi', { stream })));
    assert.ok(error instanceof OpenAI.RateLimitError, String(error));
    assert.equal(error.code, 'rate_limit_exceeded');
    assert.equal(error.headers.get('retry-after'), '1');
    assert.equal(error.headers.get('x-should-retry'), 'true');
  }
  held.abort();
});

holds('… and the SDK comes again, and is answered', async () => {
  const held = await holder();
  const began = Date.now();
  setTimeout(() => held.abort(), 300);
  const answer = await client(key, { maxRetries: 5 }).chat.completions.create(ask('hi'));
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.ok(tries >= 2);
  assert.ok(Date.now() - began >= 900, 'it did not wait as long as it was told to');
});

holds('a body that is far too large is told so, before it is all sent', async () => {
  const error = await failure(() => client(key).responses.create({ model: 'gemini-3-flash', input: 'x'.repeat(50_000_000) }));
  assert.equal(error.status, 413, String(error.cause));
  assert.equal(tries, 1);
});

holds('the oldest response makes room', async () => {
  const made = [];
  for (let i = 0; i < 3; ++i) made.push(await client(key, { maxRetries: 9 }).responses.create({ model: 'gemini-3-flash', input: 'hi' }));
  assert.equal((await failure(() => client(key).responses.retrieve(made[0].id))).status, 404);
  assert.equal((await client(key).responses.retrieve(made[2].id)).id, made[2].id);
});

await run();
