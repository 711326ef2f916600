// OpenAI's SDK while the language server dies in the middle of turns. It takes some seconds to start again.

import assert from 'node:assert/strict';
import { base, eventually, failure, get, holds, require, run } from './scenarios.mjs';

const OpenAI = require('openai');
const model = 'gemini-3-flash';
const words = 'word 0 – é 世界 🚀 word 1 – é 世界 🚀 word 2 – é 世界 🚀 ';
const statuses = [];
const noting = async (...request) => {
  const answer = await fetch(...request);
  statuses.push(answer.status);
  return answer;
};
const openai = new OpenAI({ apiKey: 'any', baseURL: base + '/v1', maxRetries: 9, fetch: noting });
const says = (content) => ({ role: 'user', content });
const deadly = 'hi [[ls:crash_mid_turn=2]]';

const server = async () => (await get('/readyz')).dependencies.find((each) => each.name === 'language_server');
const ready = () => eventually(async () => (await server()).status === 'ok');
const cascade_of = ({ response }) => response.headers.get('x-zerogravity-cascade-id');

let chat, response;

holds('conversations begin', async () => {
  await ready();
  chat = await openai.chat.completions.create({ model, messages: [says('first')] }).withResponse();
  response = await openai.responses.create({ model, input: 'first' }).withResponse();
});

holds('a stream whose server dies ends with an error, after what was said', async () => {
  let text = '';
  const error = await failure(async () => {
    const stream = await openai.chat.completions.create({ model, messages: [says(deadly)], stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  });
  assert.ok(error instanceof OpenAI.APIError, String(error));
  assert.equal(error.code, 'upstream_unreachable');
  assert.match(text, /^word 0/);
});

holds('meanwhile a request is 503, with the time to come again', async () => {
  const error = await failure(() => openai.chat.completions.create({ model, messages: [says('hi')] }, { maxRetries: 0 }));
  assert.equal(error.status, 503, String(error));
  assert.equal(error.code, 'language_server_unavailable');
  assert.ok(Number(error.headers.get('retry-after')) >= 1);
  assert.equal(error.headers.get('x-should-retry'), 'true');
});

holds('… and the SDK comes again until it is answered', async () => {
  statuses.length = 0;
  const answer = await openai.chat.completions.create({ model, messages: [says('hi')] });
  assert.equal(answer.choices[0].message.content, words);
  assert.ok(statuses.includes(503));
});

holds('a chat goes on by its transcript in a new cascade, for the old one is gone', async () => {
  const again = await openai.chat.completions.create(
    { model, messages: [says('first'), chat.data.choices[0].message, says('second')] }).withResponse();
  assert.equal(again.data.choices[0].message.content, words);
  assert.notEqual(cascade_of(again), cascade_of(chat));
});

holds('a response that goes on by its id is told that the conversation is gone', async () => {
  const error = await failure(() => openai.responses.create({ model, input: 'second', previous_response_id: response.data.id }));
  assert.equal(error.status, 404);
  assert.equal(error.code, 'conversation_not_found');
});

holds('a streamed response whose server dies fails in words', async () => {
  const events = [];
  for await (const event of await openai.responses.create({ model, input: deadly, stream: true })) events.push(event);
  assert.equal(events.at(-1).type, 'response.failed');
  assert.equal(events.at(-1).response.status, 'failed');
  assert.ok(events.at(-1).response.error.message);
});

holds('an answer asked for in whole is 502, and not asked for again: the turn may have cost', async () => {
  statuses.length = 0;
  const error = await failure(() => openai.chat.completions.create({ model, messages: [says(deadly)] }));
  assert.equal(error.status, 502);
  // Until the server is there again nothing is executed, and 503 may be asked again.
  assert.deepEqual(statuses.filter((each) => each !== 503), [502]);
});

holds('afterwards everything works again', async () => {
  const stream = openai.chat.completions.stream({ model, messages: [says('hello')] });
  assert.equal(await stream.finalContent(), words);
});

await run();
