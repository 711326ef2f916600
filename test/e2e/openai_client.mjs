// OpenAI's own SDK, unmodified, on the service's API. Argument: the package, of which several versions are installed.

import assert from 'node:assert/strict';
import { base, eventually, failure, get, holds, require, rows_of, run, sum } from './scenarios.mjs';

const OpenAI = require(process.argv[2] ?? 'openai');
const openai = new OpenAI({ apiKey: 'any', baseURL: base + '/v1' });
const model = 'gemini-3-pro-high';
const says = (content) => ({ role: 'user', content });
const ask = (content, more = {}) => ({ model, messages: [says(content)], ...more });
const words = 'word 0 – é 世界 🚀 word 1 – é 世界 🚀 word 2 – é 世界 🚀 ';
const cascade_of = (response) => response.headers.get('x-zerogravity-cascade-id');
const ignored_by = (response) => (response.headers.get('x-zerogravity-ignored') ?? '').split(', ').filter(Boolean);

async function collect(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}
// Slow enough for each piece to come by itself, whatever else runs here.
const told_slowly = 'hello [[sim:events=8,delay_ms=50]]';
const slow_words = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `word ${n} – é 世界 🚀 `).join('');
const text_of = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');

// ---- models

holds('models are listed as the language server names them, with the aliases', async () => {
  const models = await collect(openai.models.list());
  const one = models.find((each) => each.id === model);
  assert.equal(one.object, 'model');
  assert.ok(Number.isInteger(one.created) && one.owned_by);
  assert.ok(models.some((each) => each.id === 'gpt-4o'));
});

holds('a model is found by its id, its label and its alias', async () => {
  for (const name of [model, 'Gemini 3 Pro (High)', 'gpt-4o']) assert.equal((await openai.models.retrieve(name)).id, name);
});

holds('an unknown model is a NotFoundError that names those there are', async () => {
  for (const work of [() => openai.models.retrieve('a/b'), () => openai.chat.completions.create(ask('hi', { model: 'a/b' })),
    () => openai.responses.create({ model: 'a/b', input: 'hi', stream: true })]) {
    const error = await failure(work);
    assert.ok(error instanceof OpenAI.NotFoundError, String(error));
    assert.equal(error.code, 'model_not_found');
    assert.match(error.message, /a\/b.*gemini-3-flash/);
    assert.match(error.requestID, /^req_/);
  }
});

// ---- chat

holds('a chat is answered whole', async () => {
  const { data: answer, response } = await openai.chat.completions.create(ask('hello')).withResponse();
  assert.match(answer.id, /^chatcmpl-/);
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.model, model);
  assert.equal(answer.choices.length, 1);
  assert.equal(answer.choices[0].message.content, words);
  assert.equal(answer.choices[0].message.role, 'assistant');
  assert.equal(answer.choices[0].message.refusal, null);
  assert.equal(answer.choices[0].message.reasoning_content, 'Considering.');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.equal(answer.metadata.zerogravity_cascade_id, cascade_of(response));
  assert.equal(answer._request_id, response.headers.get('x-request-id'));
  assert.equal(response.headers.get('openai-version'), '2020-10-01');
  assert.ok(Number(response.headers.get('openai-processing-ms')) >= 0);
});

holds('a chat is streamed in the pieces that the language server wrote', async () => {
  const { data, response } = await openai.chat.completions.create(ask(told_slowly, { stream: true })).withResponse();
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  const chunks = await collect(data);
  assert.equal(text_of(chunks), slow_words);
  assert.equal(new Set(chunks.map((each) => `${each.id} ${each.created} ${each.model} ${each.object}`)).size, 1);
  assert.deepEqual(chunks[0].choices[0].delta, { role: 'assistant', content: '' });
  assert.ok(chunks.filter((each) => each.choices[0].delta.content).length >= 3);
  assert.ok(chunks.slice(1).every((each) => !('role' in each.choices[0].delta)));
  assert.ok(chunks.some((each) => each.choices[0].delta.reasoning === 'Considering.'));
  assert.deepEqual(chunks.map((each) => each.choices[0].finish_reason).filter(Boolean), ['stop']);
  assert.ok(chunks.every((each) => !('usage' in each)));
});

holds('usage comes in a chunk of its own, at the end, if it is asked for', async () => {
  const chunks = await collect(await openai.chat.completions.create(
    ask('hello', { stream: true, stream_options: { include_usage: true } })));
  const last = chunks.pop();
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.prompt_tokens > 0);
  assert.ok(chunks.every((each) => each.usage === null));
});

holds('the helper of the SDK follows a chat to its end', async () => {
  const stream = openai.chat.completions.stream(ask('hello', { stream_options: { include_usage: true } }));
  let content = '', said = '';
  stream.on('content', (delta) => { content += delta; });
  stream.on('finalContent', (text) => { said = text; });
  const answer = await stream.finalChatCompletion();
  assert.equal(content, words);
  assert.equal(said, words);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.ok(answer.usage.total_tokens > 0);
});

holds('tools of the client are accepted and named as ignored, also by runTools', async () => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} }, parse: JSON.parse, function: () => 1 } }];
  const plain = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
  const { response } = await openai.chat.completions.create(ask('hello', { tools: plain })).withResponse();
  assert.deepEqual(ignored_by(response), ['tools']);
  assert.equal(await openai.chat.completions.runTools(ask('hello', { tools })).finalContent(), words);
});

holds('what cannot be honoured is named, and what asks for nothing is not', async () => {
  const { response } = await openai.chat.completions.create(ask('hello', {
    temperature: 0.5, seed: 1, stop: ['x'], top_p: 1, n: 1, user: 'u', logit_bias: {}, presence_penalty: 0,
    response_format: { type: 'json_object' }, unheard_of: true })).withResponse();
  assert.deepEqual(ignored_by(response), ['response_format', 'seed', 'stop', 'temperature']);
});

holds("the language server's own tools are told as reasoning and not as calls", async () => {
  const chunks = await collect(await openai.chat.completions.create(ask('hi [[ls:tool_steps=2]]', { stream: true })));
  const reasoning = chunks.map((each) => each.choices[0].delta.reasoning_content ?? '').join('');
  assert.equal(reasoning.match(/^\[.* done\]$/gm)?.length, 2, reasoning);
  assert.ok(chunks.every((each) => !each.choices[0].delta.tool_calls));
  assert.deepEqual(chunks.map((each) => each.choices[0].finish_reason).filter(Boolean), ['stop']);
});

holds('a text that the language server rewrites is whole all the same', async () => {
  const plain = await openai.chat.completions.create(ask('hi [[ls:rewrite=1]]'));
  assert.equal(plain.choices[0].message.content, 'In other words: ' + words);
});

holds('an effort chooses the model of that effort', async () => {
  const { response } = await openai.chat.completions.create(ask('hi', { reasoning_effort: 'low' })).withResponse();
  assert.deepEqual(ignored_by(response), []);
  assert.equal((await rows_of(cascade_of(response)))[0].requested_model, 'gemini-3-pro-low');
  const other = await openai.chat.completions.create(ask('hi', { reasoning_effort: 'xhigh' })).withResponse();
  assert.deepEqual(ignored_by(other.response), ['reasoning_effort']);
});

const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const picture = (url) => [{ role: 'user', content: [{ type: 'text', text: 'what is it?' }, { type: 'image_url', image_url: { url } }] }];

holds('an image is taken by a model that sees, and refused by one that does not', async () => {
  const seen = await openai.chat.completions.create({ model, messages: picture(pixel) });
  assert.equal(seen.choices[0].message.content, words);
  const blind = await failure(() => openai.chat.completions.create({ model: 'gpt-oss-120b-medium', messages: picture(pixel) }));
  assert.equal(blind.status, 400);
  const remote = await failure(() => openai.chat.completions.create({ model, messages: picture('https://x.example/a.png') }));
  assert.match(remote.message, /data URL/);
});

// ---- responses

const order = ['response.created', 'response.in_progress', 'response.output_item.added', 'response.reasoning_summary_part.added',
  'response.reasoning_summary_text.delta', 'response.reasoning_summary_text.done', 'response.reasoning_summary_part.done',
  'response.output_item.done', 'response.output_item.added', 'response.content_part.added', 'response.output_text.delta',
  'response.output_text.done', 'response.content_part.done', 'response.output_item.done', 'response.completed'];

holds('a response is answered whole, with every member that the SDK knows', async () => {
  const { data: answer, response } = await openai.responses.create(
    { model, input: 'hello', instructions: 'Be brief.', metadata: { mine: 'yes' } }).withResponse();
  assert.match(answer.id, /^resp_/);
  assert.equal(answer.output_text, words);
  assert.equal(answer.status, 'completed');
  assert.equal(answer.instructions, 'Be brief.');
  assert.deepEqual(answer.metadata, { mine: 'yes', zerogravity_cascade_id: cascade_of(response) });
  for (const name of ['id', 'object', 'created_at', 'status', 'error', 'incomplete_details', 'instructions', 'metadata', 'model',
    'output', 'parallel_tool_calls', 'temperature', 'tool_choice', 'tools', 'top_p', 'usage', 'previous_response_id',
    'reasoning', 'store', 'text', 'truncation', 'max_output_tokens', 'service_tier', 'user']) assert.ok(name in answer, name);
  assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
  assert.ok(answer.usage.output_tokens_details.reasoning_tokens > 0);
  assert.ok(answer.usage.input_tokens_details.cached_tokens > 0);
});

holds('a response is streamed, its events in order and numbered', async () => {
  const events = await collect(await openai.responses.create({ model, input: told_slowly, stream: true }));
  assert.deepEqual(events.map((each) => each.sequence_number), events.map((_, index) => index));
  const kinds = events.map((each) => each.type).filter((type, index, all) => type !== all[index - 1]);
  assert.deepEqual(kinds, order);
  assert.ok(events.filter((each) => each.type === 'response.output_text.delta').length >= 3);
  const items = new Set();
  for (const each of events) {
    if (each.type === 'response.output_item.added') items.add(each.item.id);
    if (each.item_id) assert.ok(items.has(each.item_id));
  }
  assert.equal(events.at(-1).response.output[1].content[0].text, slow_words);
});

holds('the helper of the SDK follows a response to its end', async () => {
  const stream = openai.responses.stream({ model, input: 'hello' });
  let said = '';
  stream.on('response.output_text.delta', (event) => { said += event.delta; });
  const answer = await stream.finalResponse();
  assert.equal(said, words);
  assert.equal(answer.output_text, words);
  assert.equal(answer.status, 'completed');
});

holds('a stored response is retrieved, its input listed, and it is deleted', async () => {
  const made = await openai.responses.create({ model, input: [says('hello'), { role: 'assistant', content: 'yes?' }, says('go on')] });
  const again = await openai.responses.retrieve(made.id);
  assert.deepEqual(again.output, made.output);
  assert.deepEqual(again.usage, made.usage);
  const items = await collect(openai.responses.inputItems.list(made.id, { order: 'asc', limit: 2 }));
  assert.deepEqual(items.map((each) => each.content[0].text), ['hello', 'yes?', 'go on']);
  const late = await failure(() => openai.responses.cancel(made.id));
  assert.equal(late.status, 400);
  await openai.responses.delete(made.id);
  for (const work of [() => openai.responses.retrieve(made.id), () => openai.responses.delete(made.id), () => openai.responses.cancel(made.id)]) {
    const error = await failure(work);
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'response_not_found');
  }
});

holds('the events of a stored response are not kept, which is said', async () => {
  const made = await openai.responses.create({ model, input: 'hello' });
  const error = await failure(() => openai.responses.retrieve(made.id, { stream: true }));
  assert.equal(error.status, 400);
  assert.equal(error.param, 'stream');
});

holds('a response that is not to be stored is not', async () => {
  const made = await openai.responses.create({ model, input: 'hello', store: false });
  assert.equal(made.store, false);
  assert.equal((await failure(() => openai.responses.retrieve(made.id))).status, 404);
});

holds('a response under way is retrieved, and cancelled by another request', async () => {
  const stream = await openai.responses.create({ model, input: 'hello [[ls:stall=2]]', stream: true });
  const events = [];
  for await (const event of stream) {
    events.push(event);
    if (event.type !== 'response.output_text.delta' || events.some((each) => each !== event && each.type === event.type)) continue;
    const id = events[0].response.id;
    assert.equal((await openai.responses.retrieve(id)).status, 'in_progress');
    assert.equal((await openai.responses.cancel(id)).id, id);
  }
  assert.equal(events.at(-1).type, 'response.failed');
  const end = await openai.responses.retrieve(events[0].response.id);
  assert.equal(end.status, 'cancelled');
});

holds('tools and items that only other servers know do not stop a response', async () => {
  const { data, response } = await openai.responses.create({
    model, store: false, include: ['reasoning.encrypted_content'], prompt_cache_key: 'k', client_metadata: { a: 'b' },
    input: [says('hello'), { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' }],
    tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }, { type: 'namespace', name: 'n', tools: [] },
      { type: 'web_search' }, { type: 'custom', name: 'c' }, { type: 'local_shell' }] }).withResponse();
  assert.equal(data.output_text, words);
  assert.deepEqual(ignored_by(response), ['include', 'tools']);
});

// ---- conversations

holds('a chat that repeats its transcript goes on in the same cascade', async () => {
  const messages = [{ role: 'system', content: 'Be brief.' }, says('first')];
  const one = await openai.chat.completions.create({ model, messages }).withResponse();
  messages.push(one.data.choices[0].message, says('second'));
  const two = await openai.chat.completions.create({ model, messages }).withResponse();
  assert.equal(cascade_of(two.response), cascade_of(one.response));
  messages.push({ role: 'assistant', content: two.data.choices[0].message.content }, says('third'));
  const three = await openai.chat.completions.create({ model, messages, stream: true }).withResponse();
  assert.equal(text_of(await collect(three.data)), words);
  assert.equal(cascade_of(three.response), cascade_of(one.response));
  const rows = await rows_of(cascade_of(one.response), (all) => all.length >= 3);
  assert.equal(rows.length, 3);
});

holds('a chat with another transcript gets a cascade of its own', async () => {
  const one = await openai.chat.completions.create({ model, messages: [says('first of all')] }).withResponse();
  const other = [says('first of all'), { role: 'assistant', content: 'something else' }, says('second')];
  const two = await openai.chat.completions.create({ model, messages: other }).withResponse();
  assert.notEqual(cascade_of(two.response), cascade_of(one.response));
});

holds('the same transcript twice at once makes two cascades', async () => {
  const messages = [says('twice')];
  const one = await openai.chat.completions.create({ model, messages }).withResponse();
  messages.push(one.data.choices[0].message, says('both'));
  const both = await Promise.all([0, 1].map(() => openai.chat.completions.create({ model, messages }).withResponse()));
  const cascades = new Set(both.map((each) => cascade_of(each.response)));
  assert.equal(cascades.size, 2);
  assert.ok(cascades.has(cascade_of(one.response)));
});

holds('previous_response_id goes on in the same cascade, with what is new alone', async () => {
  const one = await openai.responses.create({ model, input: 'first' }).withResponse();
  const two = await openai.responses.create({ model, input: 'second', previous_response_id: one.data.id }).withResponse();
  assert.equal(cascade_of(two.response), cascade_of(one.response));
  assert.equal(two.data.previous_response_id, one.data.id);
  assert.equal(two.data.output_text, words);
  const error = await failure(() => openai.responses.create({ model, input: 'x', previous_response_id: 'resp_none' }));
  assert.equal(error.status, 400);
  assert.equal(error.code, 'previous_response_not_found');
});

holds('a cascade is gone on with by its id', async () => {
  const one = await openai.responses.create({ model, input: 'first' }).withResponse();
  const two = await openai.responses.create({ model, input: 'second', conversation: cascade_of(one.response) }).withResponse();
  assert.equal(cascade_of(two.response), cascade_of(one.response));
  const error = await failure(() => openai.responses.create({ model, input: 'x', conversation: { id: 'none' } }));
  assert.ok(error instanceof OpenAI.NotFoundError, String(error));
});

holds('a response that repeats its transcript goes on in the same cascade', async () => {
  const input = [says('first item')];
  const one = await openai.responses.create({ model, input }).withResponse();
  input.push(...one.data.output, says('second item'));
  const two = await openai.responses.create({ model, input }).withResponse();
  assert.equal(cascade_of(two.response), cascade_of(one.response));
});

// ---- usage

const same_usage = (usage, rows) => {
  assert.equal(usage.prompt_tokens ?? usage.input_tokens, sum(rows, 'input_tokens'));
  assert.equal(usage.completion_tokens ?? usage.output_tokens, sum(rows, 'output_tokens'));
  const input = usage.prompt_tokens_details ?? usage.input_tokens_details;
  const output = usage.completion_tokens_details ?? usage.output_tokens_details;
  assert.equal(input.cached_tokens, sum(rows, 'cache_read_tokens'));
  assert.equal(output.reasoning_tokens, sum(rows, 'thinking_tokens'));
};

holds('the usage of an answer is that of the ledger, each call counted once', async () => {
  for (const [marker, calls] of [['', 1], ['[[ls:tool_steps=2]]', 3], ['[[ls:retries=1]]', 2]]) {
    const { data, response } = await openai.chat.completions.create(ask('hi ' + marker)).withResponse();
    same_usage(data.usage, await rows_of(cascade_of(response), (rows) => rows.length >= calls));
    const other = await openai.responses.create({ model, input: 'hi ' + marker }).withResponse();
    same_usage(other.data.usage, await rows_of(cascade_of(other.response), (rows) => rows.length >= calls));
  }
});

// ---- what is refused

holds('what is malformed is a BadRequestError that names its place', async () => {
  const chat = (more) => () => openai.chat.completions.create({ ...ask('hi'), ...more });
  const respond = (more) => () => openai.responses.create({ model, input: 'hi', ...more });
  for (const [work, param] of [[chat({ n: 2 }), 'n'], [chat({ messages: undefined }), 'messages'], [chat({ messages: [] }), 'messages'],
    [chat({ messages: 'hi' }), 'messages'], [chat({ messages: [{ role: 'king', content: 'hi' }] }), 'messages[0].role'],
    [chat({ model: undefined }), 'model'], [chat({ model: 7 }), 'model'], [chat({ stream: 'yes' }), 'stream'],
    [chat({ max_tokens: 0 }), 'max_tokens'], [chat({ temperature: 'hot' }), 'temperature'],
    [chat({ modalities: ['audio'] }), 'modalities'], [respond({ input: 7 }), 'input'], [respond({ model: undefined }), 'model'],
    [respond({ input: [{ role: 'user' }] }), 'input[0].content']]) {
    const error = await failure(work);
    assert.ok(error instanceof OpenAI.BadRequestError, `${param}: ${error}`);
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.param, param);
  }
});

holds('what there is not is a NotFoundError that says so', async () => {
  for (const work of [() => openai.embeddings.create({ model, input: 'hi' }), () => openai.images.generate({ prompt: 'hi' }),
    () => openai.moderations.create({ input: 'hi' }), () => openai.audio.speech.create({ model, input: 'hi', voice: 'alloy' }),
    () => openai.completions.create({ model, prompt: 'hi' }), () => openai.batches.list(), () => openai.files.list()]) {
    const error = await failure(work);
    assert.ok(error instanceof OpenAI.NotFoundError, String(error));
    assert.match(error.message, /not supported/);
  }
  const unknown = await failure(() => openai.get('/nothing/here'));
  assert.equal(unknown.code, 'unknown_url');
});

// ---- failures of the turn

holds('a turn that fails at once is an HTTP error and not a stream, and is not repeated', async () => {
  for (const stream of [false, true]) {
    let tries = 0;
    const counting = new OpenAI({ apiKey: 'any', baseURL: base + '/v1', fetch: (...all) => (++tries, fetch(...all)) });
    const error = await failure(() => counting.chat.completions.create(ask('hi [[ls:error_step=1]]', { stream })));
    assert.ok(error instanceof OpenAI.InternalServerError, String(error));
    assert.match(error.message, /the simulator was asked for this error/);
    assert.equal(tries, 1);
  }
});

holds('a message that the language server does not take is an error in its words, and is not repeated', async () => {
  let tries = 0;
  const counting = new OpenAI({ apiKey: 'any', baseURL: base + '/v1', fetch: (...all) => (++tries, fetch(...all)) });
  const error = await failure(() => counting.chat.completions.create(ask('hi [[ls:nonsense=1]]')));
  assert.equal(error.status, 500);
  assert.match(error.message, /the simulator does not know nonsense=1/);
  assert.equal(tries, 1);
});

holds('a turn that fails in the middle raises an error in every reader', async () => {
  const broken = 'hi [[sim:events=4,delay_ms=20,error_mid=1]]';
  const plain = await failure(async () => collect(await openai.chat.completions.create(ask(broken, { stream: true }))));
  assert.ok(plain instanceof OpenAI.APIError, String(plain));
  await failure(() => openai.chat.completions.stream(ask(broken)).finalChatCompletion());
  const events = await collect(await openai.responses.create({ model, input: broken, stream: true }));
  assert.equal(events.at(-1).type, 'response.failed');
  assert.ok(events.at(-1).response.error.code && events.at(-1).response.error.message);
});

// ---- a client that leaves

/// From the client's leaving to the language server's word that the invocation is cancelled.
async function cancelled_soon(cascade, left_at) {
  const turn = await eventually(async () => 
    (await get(`/v1/usage/conversations/${cascade}`)).turns?.find((each) => each.outcome));
  assert.equal(turn.outcome, 'abandoned');
  const after = turn.began_at_ms + turn.total_ms - left_at;
  // The clock is read before the socket is closed, and milliseconds are cut off: a little before is possible.
  assert.ok(after >= -5 && after < 1000, `the invocation was cancelled ${after} ms after the client went`);
  assert.notEqual((await rows_of(cascade))[0].status, 'complete');
  return after;
}

const slow = 'hi [[sim:events=600,delay_ms=50]]';
const taken = [];

holds('a client that leaves a stream cancels the invocation', async () => {
  for (const leave of ['break', 'abort']) {
    const { data, response } = await openai.chat.completions.create(ask(slow, { stream: true })).withResponse();
    let left_at;
    for await (const chunk of data) {
      if (!chunk.choices[0].delta.content) continue;
      left_at = Date.now();
      if (leave === 'break') break;
      data.controller.abort();
    }
    taken.push(await cancelled_soon(cascade_of(response), left_at));
  }
});

holds('a client that leaves a response under way, too', async () => {
  const { data, response } = await openai.responses.create({ model, input: slow, stream: true }).withResponse();
  let left_at;
  for await (const event of data) {
    if (event.type !== 'response.output_text.delta') continue;
    left_at = Date.now();
    break;
  }
  taken.push(await cancelled_soon(cascade_of(response), left_at));
});

holds('a client that does not wait for a whole answer, too', async () => {
  const before = (await get('/v1/usage/exchanges?limit=1')).last_id ?? 0;
  const leaving = new AbortController();
  const asked = openai.chat.completions.create(ask(slow), { signal: leaving.signal, maxRetries: 0 });
  setTimeout(() => leaving.abort(), 400);
  const error = await failure(() => asked);
  const left_at = Date.now();
  assert.ok(error instanceof OpenAI.APIUserAbortError, String(error));
  const row = await eventually(async () =>
    (await get('/v1/usage/exchanges?limit=10')).data.find((each) => each.id > before && each.status !== 'complete'));
  taken.push(await cancelled_soon(row.conversation, left_at));
  console.log(`client gone → invocation cancelled: ${taken.join(', ')} ms`);
});

await run();
