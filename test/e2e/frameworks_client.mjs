// What people build with: OpenAI's agents, Vercel's AI SDK and LangChain, unmodified, on the service's OpenAI API.

import assert from 'node:assert/strict';
import { base, failure, holds, require, rows_of, run, sum } from './scenarios.mjs';

const baseURL = base + '/v1';
const model = 'gemini-3-pro-high';
const words = 'word 0 – é 世界 🚀 word 1 – é 世界 🚀 word 2 – é 世界 🚀 ';
// Slow enough for each piece to come by itself, whatever else runs here.
const told_slowly = 'hello [[sim:events=8,delay_ms=50]]';
const slow_words = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `word ${n} – é 世界 🚀 `).join('');

// The cascades of the answers, in their order.
const cascades = [];
const noting = async (...request) => {
  const answer = await fetch(...request);
  cascades.push(answer.headers.get('x-zerogravity-cascade-id'));
  return answer;
};

async function in_one_cascade(two_turns) {
  cascades.length = 0;
  await two_turns();
  assert.equal(cascades.length, 2);
  assert.ok(cascades[0]);
  assert.equal(cascades[0], cascades[1]);
}

// ---- @openai/agents

const { Agent, OpenAIChatCompletionsModel, OpenAIProvider, Runner, setTracingDisabled } = require('@openai/agents');
const OpenAI = require('openai7');
setTracingDisabled(true);
const openai = new OpenAI({ apiKey: 'any', baseURL, fetch: noting });

for (const use_responses of [false, true]) {
  const name = `agents by ${use_responses ? 'responses' : 'chat'}`;
  const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient: openai, useResponses: use_responses }), tracingDisabled: true });
  const agent = new Agent({ name: 'Brief', instructions: 'Be brief.', model });

  holds(`${name}: a run ends with the answer`, async () => {
    const result = await runner.run(agent, 'hello');
    assert.equal(result.finalOutput, words);
    assert.ok(result.rawResponses[0].usage.totalTokens > 0);
  });

  holds(`${name}: a run is streamed`, async () => {
    const result = await runner.run(agent, told_slowly, { stream: true });
    let text = '', pieces = 0;
    for await (const event of result) {
      if (event.type !== 'raw_model_stream_event' || event.data.type !== 'output_text_delta') continue;
      text += event.data.delta;
      ++pieces;
    }
    await result.completed;
    assert.equal(text, slow_words);
    assert.ok(pieces >= 3);
    assert.equal(result.finalOutput, slow_words);
  });

  holds(`${name}: a second run goes on with the history of the first, in its cascade`, () => in_one_cascade(async () => {
    const first = await runner.run(agent, 'first of the agent');
    const second = await runner.run(agent, first.history.concat({ role: 'user', content: 'second' }));
    assert.equal(second.finalOutput, words);
  }));
}

holds('agents by responses: previousResponseId is followed', () => in_one_cascade(async () => {
  const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient: openai, useResponses: true }), tracingDisabled: true });
  const agent = new Agent({ name: 'Brief', model });
  const first = await runner.run(agent, 'first');
  await runner.run(agent, 'second', { previousResponseId: first.lastResponseId });
}));

holds('agents: a turn that fails is an error of the run', async () => {
  const agent = new Agent({ name: 'Brief', model: new OpenAIChatCompletionsModel(openai, model) });
  const error = await failure(() => new Runner({ tracingDisabled: true }).run(agent, 'hi [[ls:error_step=1]]'));
  assert.match(String(error.message), /the simulator was asked for this error/);
});

// ---- ai

const { generateText, streamText } = require('ai');
const { createOpenAI } = require('@ai-sdk/openai');
const { createOpenAICompatible } = require('@ai-sdk/openai-compatible');
const vercel = createOpenAI({ baseURL, apiKey: 'any', fetch: noting });
const compatible = createOpenAICompatible({ name: 'zerogravity', baseURL, apiKey: 'any', includeUsage: true, fetch: noting });

for (const [name, chosen] of [['@ai-sdk/openai by responses', vercel.responses(model)], ['@ai-sdk/openai by chat', vercel.chat(model)],
  ['@ai-sdk/openai-compatible', compatible(model)]]) {
  holds(`${name}: a text is generated, with the ledger's usage`, async () => {
    const { text, usage, finishReason, response } = await generateText({ model: chosen, prompt: 'hello', system: 'Be brief.' });
    assert.equal(text, words);
    assert.equal(finishReason, 'stop');
    const rows = await rows_of(response.headers['x-zerogravity-cascade-id']);
    assert.equal(usage.inputTokens, sum(rows, 'input_tokens'));
    assert.equal(usage.outputTokens, sum(rows, 'output_tokens'));
  });

  holds(`${name}: a text is streamed`, async () => {
    const result = streamText({ model: chosen, prompt: told_slowly });
    const pieces = [];
    for await (const piece of result.textStream) pieces.push(piece);
    assert.equal(pieces.join(''), slow_words);
    assert.ok(pieces.length >= 3);
    assert.equal(await result.finishReason, 'stop');
    assert.ok((await result.usage).totalTokens > 0);
  });

  holds(`${name}: a conversation goes on in its cascade`, () => in_one_cascade(async () => {
    const messages = [{ role: 'user', content: `first of ${name}` }];
    const one = await generateText({ model: chosen, messages });
    await generateText({ model: chosen, messages: [...messages, ...one.response.messages, { role: 'user', content: 'second' }] });
  }));

  holds(`${name}: a turn that fails in the middle is an error, and not the end`, async () => {
    let told;
    const result = streamText({ model: chosen, prompt: 'hi [[sim:events=4,delay_ms=20,error_mid=1]]', onError: ({ error }) => { told = error; } });
    for await (const part of result.fullStream) if (part.type === 'finish') assert.equal(part.finishReason, 'error');
    assert.ok(told);
  });

  holds(`${name}: an unknown model is an error that is not retried`, async () => {
    const other = name.includes('responses') ? vercel.responses('none') : name.includes('compatible') ? compatible('none') : vercel.chat('none');
    const error = await failure(() => generateText({ model: other, prompt: 'hello' }));
    assert.equal(error.statusCode, 404);
    assert.equal(error.isRetryable, false);
  });
}

holds('@ai-sdk/openai-compatible: the reasoning is read', async () => {
  assert.equal((await generateText({ model: compatible(model), prompt: 'hello' })).reasoningText, 'Considering.');
});

holds('@ai-sdk/openai by responses: the reasoning is read', async () => {
  assert.equal((await generateText({ model: vercel.responses(model), prompt: 'hello' })).reasoningText, 'Considering.');
});

// ---- LangChain

const { ChatOpenAI } = require('@langchain/openai');

for (const useResponsesApi of [false, true]) {
  const name = `LangChain by ${useResponsesApi ? 'responses' : 'chat'}`;
  const chat = new ChatOpenAI({ model, apiKey: 'any', configuration: { baseURL, fetch: noting }, useResponsesApi, maxRetries: 0 });

  holds(`${name}: a message is answered`, async () => {
    const answer = await chat.invoke([['system', 'Be brief.'], ['human', 'hello']]);
    assert.equal(answer.text, words);
    assert.ok(answer.usage_metadata.total_tokens > 0);
  });

  holds(`${name}: a message is streamed, with its usage`, async () => {
    let text = '', pieces = 0, usage;
    for await (const chunk of await chat.stream(told_slowly)) {
      text += chunk.text;
      pieces += chunk.text ? 1 : 0;
      usage = chunk.usage_metadata ?? usage;
    }
    assert.equal(text, slow_words);
    assert.ok(pieces >= 3);
    assert.ok(usage.total_tokens > 0);
  });

  holds(`${name}: a conversation goes on in its cascade`, () => in_one_cascade(async () => {
    const one = await chat.invoke([['human', 'first of the chain']]);
    const two = await chat.invoke([['human', 'first of the chain'], one, ['human', 'second']]);
    assert.equal(two.text, words);
  }));

  holds(`${name}: a turn that fails is an error`, async () => {
    const error = await failure(async () => { for await (const _ of await chat.stream('hi [[ls:error_step=1]]')); });
    assert.match(error.message, /the simulator was asked for this error/);
  });
}

await run();
