// The providers' own SDKs, one scenario per line of output. The transcript of a direct and of an intercepted run must be
// equal, so nothing that differs between two runs is printed. Arguments: the scenarios, or none for all of them.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The packages are installed in the build folder, away from this file.
const require = createRequire(pathToFileURL(process.env.ZG_NODE_MODULES + '/anchor.js'));
const { GoogleGenAI } = require('@google/genai');
const OpenAI = require('openai');
const Anthropic = require('@anthropic-ai/sdk');

// With ZG_HTTP2 the SDKs speak HTTP/2 where they can: Node's own fetch never offers it.
if (process.env.ZG_HTTP2) {
  const { Agent, setGlobalDispatcher, fetch, Headers, Request, Response, FormData } = require('undici');
  setGlobalDispatcher(new Agent({ allowH2: true }));
  Object.assign(globalThis, { fetch, Headers, Request, Response, FormData });
}

const google = new GoogleGenAI({ apiKey: 'test-key' });
const openai = new OpenAI({ apiKey: 'test-key' });
const anthropic = new Anthropic({ apiKey: 'test-key' });

const sum = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const ask = (id, extra = '') => `Say something about ${id}. [[sim:id=${id}${extra ? ',' + extra : ''}]]`;
const failure = (error) => ({ failed: error.constructor.name, status: error.status ?? null });

async function google_stream(id, extra) {
  const stream = await google.models.generateContentStream({ model: 'gemini-3-flash', contents: ask(id, extra) });
  let text = '', events = 0, last;
  for await (const chunk of stream) { text += chunk.text ?? ''; ++events; last = chunk; }
  return { events, text: sum(text), id: last.responseId, model: last.modelVersion, usage: last.usageMetadata };
}

async function google_plain(id) {
  const answer = await google.models.generateContent({ model: 'gemini-3-flash', contents: ask(id) });
  return { text: sum(answer.text), id: answer.responseId, usage: answer.usageMetadata };
}

async function openai_chat_stream(id, extra, usage = true) {
  const stream = await openai.chat.completions.create({
    model: 'gpt-sim', stream: true, messages: [{ role: 'user', content: ask(id, extra) }],
    ...(usage ? { stream_options: { include_usage: true } } : {}),
  });
  let text = '', events = 0, told = null, answer;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? '';
    told = chunk.usage ?? told;
    answer = chunk.id;
    ++events;
  }
  return { events, text: sum(text), id: answer, usage: told };
}

async function openai_chat_plain(id, extra) {
  const answer = await openai.chat.completions.create({ model: 'gpt-sim', messages: [{ role: 'user', content: ask(id, extra) }] });
  return { text: sum(answer.choices[0].message.content), id: answer.id, usage: answer.usage };
}

async function openai_responses_stream(id, extra) {
  const stream = openai.responses.stream({ model: 'gpt-sim', input: ask(id, extra) });
  let events = 0;
  for await (const event of stream) if (event.type) ++events;
  const answer = await stream.finalResponse();
  return { events, text: sum(answer.output_text), id: answer.id, usage: answer.usage };
}

async function openai_responses_plain(id) {
  const answer = await openai.responses.create({ model: 'gpt-sim', input: ask(id) });
  return { text: sum(answer.output_text), id: answer.id, usage: answer.usage };
}

async function anthropic_stream(id, extra) {
  const stream = anthropic.messages.stream({
    model: 'claude-sim', max_tokens: 1000, messages: [{ role: 'user', content: ask(id, extra) }] });
  let events = 0;
  stream.on('streamEvent', () => ++events);
  const message = await stream.finalMessage();
  return { events, text: sum(message.content[0].text), id: message.id, usage: message.usage };
}

async function anthropic_plain(id) {
  const message = await anthropic.messages.create({
    model: 'claude-sim', max_tokens: 1000, messages: [{ role: 'user', content: ask(id) }] });
  return { text: sum(message.content[0].text), id: message.id, usage: message.usage };
}

const scenarios = {
  google_stream: () => google_stream('g-stream', 'events=20'),
  google_stream_gzip: () => google_stream('g-gzip', 'events=20,gzip=1,partial_usage=1'),
  google_stream_chopped: () => google_stream('g-chop', 'events=9,chop=7,crlf=1'),
  google_big_event: () => google_stream('g-big', 'big_event=200000'),
  google_plain: () => google_plain('g-plain'),
  google_count: async () => ({ tokens: (await google.models.countTokens({ model: 'gemini-3-flash', contents: 'count me' })).totalTokens }),
  google_quota: () => google_stream('g-429', 'status=429').catch(failure),
  openai_chat_stream: () => openai_chat_stream('o-stream', 'events=20'),
  openai_chat_stream_br: () => openai_chat_stream('o-br', 'events=20,br=1'),
  openai_chat_stream_without_usage: () => openai_chat_stream('o-silent', '', false),
  openai_chat_plain: () => openai_chat_plain('o-plain'),
  openai_chat_retry: () => openai_chat_plain('o-retry', 'status=503,once=1'),
  openai_chat_cut: () => openai_chat_stream('o-cut', 'cut_after=2').catch((error) => ({ failed: error.constructor.name })),
  openai_responses_stream: () => openai_responses_stream('r-stream', 'events=20'),
  openai_responses_stream_deflate: () => openai_responses_stream('r-deflate', 'deflate=1'),
  openai_responses_plain: () => openai_responses_plain('r-plain'),
  openai_models: async () => ({ models: (await openai.models.list()).data.map((model) => model.id) }),
  anthropic_stream: () => anthropic_stream('a-stream', 'events=20'),
  anthropic_stream_gzip: () => anthropic_stream('a-gzip', 'gzip=1,partial_usage=1'),
  anthropic_plain: () => anthropic_plain('a-plain'),
  anthropic_count: () => anthropic.messages.countTokens({ model: 'claude-sim', messages: [{ role: 'user', content: 'count me' }] }),
  anthropic_error_mid: () => anthropic_stream('a-mid', 'error_mid=1').catch((error) => ({ failed: error.constructor.name })),
};

// Of a cut answer a front that speaks HTTP/2 passes on as much as it likes.
if (process.env.ZG_HTTP2) delete scenarios.openai_chat_cut;

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(scenarios);
for (const name of chosen) {
  const outcome = await scenarios[name]().catch((error) => ({ unexpected: String(error), cause: String(error.cause ?? '') }));
  console.log(JSON.stringify({ name, ...outcome }));
}
process.exit(0);
