// The Responses API over a WebSocket (undici's, with and without compression), and over a stream of HTTP/2.

import assert from 'node:assert/strict';
import { connect as connect_h2 } from 'node:http2';
import { base, eventually, get, holds, require, rows_of, run, sum } from './scenarios.mjs';

const { WebSocket } = require('undici');
const url = base.replace('http', 'ws') + '/v1/responses';
const model = 'gemini-3-pro-high';
const words = 'word 0 – é 世界 🚀 word 1 – é 世界 🚀 word 2 – é 世界 🚀 ';
const ends = ['response.completed', 'response.incomplete', 'response.failed', 'error'];

class Socket {
  static async open(options) {
    const self = new Socket();
    self.events = [];
    self.socket = new WebSocket(url, options);
    self.socket.onmessage = ({ data }) => { self.events.push(JSON.parse(data)); self.wake?.(); };
    self.closed = new Promise((done) => { self.socket.onclose = (event) => { self.over = event; self.wake?.(); done(event); }; });
    await new Promise((open, fail) => { self.socket.onopen = open; self.socket.onerror = ({ error }) => fail(error ?? new Error('refused')); });
    return self;
  }
  send(message) { this.socket.send(JSON.stringify(message)); }
  create(input, more = {}) { this.send({ type: 'response.create', model, input, ...more }); }
  async next() {
    while (this.events.length === 0) {
      if (this.over) throw new Error(`closed with ${this.over.code}`);
      await new Promise((go_on) => { this.wake = go_on; });
    }
    return this.events.shift();
  }
  async turn() {
    const all = [];
    do all.push(await this.next()); while (!ends.includes(all.at(-1).type));
    return all;
  }
}

holds('a turn on a socket has the events of a stream, and its usage is that of its rows', async () => {
  const socket = await Socket.open();
  socket.create('hello');
  const events = await socket.turn();
  assert.deepEqual(events.map((each) => each.sequence_number), events.map((_, index) => index));
  assert.equal(events[0].type, 'response.created');
  const { response } = events.at(-1);
  assert.equal(response.status, 'completed');
  assert.equal(response.output.at(-1).content[0].text, words);
  const rows = await rows_of(response.metadata.zerogravity_cascade_id);
  assert.equal(response.usage.output_tokens, sum(rows, 'output_tokens'));
  socket.socket.close();
  await socket.closed;
});

holds('turns on one socket continue each other, also where nothing is stored', async () => {
  const socket = await Socket.open();
  let previous_response_id, cascade;
  for (let i = 0; i < 20; ++i) {
    socket.create(`turn ${i}`, { store: false, previous_response_id });
    const { response } = (await socket.turn()).at(-1);
    assert.equal(response.status, 'completed');
    previous_response_id = response.id;
    cascade ??= response.metadata.zerogravity_cascade_id;
    assert.equal(response.metadata.zerogravity_cascade_id, cascade);
  }
  assert.ok(socket.socket.extensions.includes('permessage-deflate'), 'they were compressed');
});

holds('a prewarm makes no row, and the turn after it has its words', async () => {
  const socket = await Socket.open();
  socket.create('first', { store: false, generate: false });
  const warm = (await socket.turn()).at(-1).response;
  assert.equal(warm.usage.total_tokens, 0);
  socket.create('second', { store: false, previous_response_id: warm.id });
  const { response } = (await socket.turn()).at(-1);
  assert.equal(response.status, 'completed');
  assert.equal((await rows_of(response.metadata.zerogravity_cascade_id)).length, 1);
});

const slow = 'hi [[sim:events=600,delay_ms=50]]';

holds('streams of one socket run at once, and one is cancelled without the other', async () => {
  const socket = await Socket.open();
  socket.create(slow, { stream_id: 'slow' });
  let event = await socket.next();
  assert.equal(event.stream_id, 'slow');
  socket.create('hello', { stream_id: 'fast' });
  do event = await socket.next(); while (event.stream_id !== 'fast' || !ends.includes(event.type));
  assert.equal(event.type, 'response.completed');
  socket.send({ type: 'response.cancel', stream_id: 'slow' });
  do event = await socket.next(); while (!ends.includes(event.type));
  assert.equal(event.response.status, 'cancelled');
});

holds('a client that leaves its socket cancels the invocation', async () => {
  const socket = await Socket.open();
  socket.create(slow);
  let event = await socket.next();
  const cascade = event.response.metadata.zerogravity_cascade_id;
  while (event.type !== 'response.output_text.delta') event = await socket.next();
  socket.socket.close();
  await socket.closed;
  const turn = await eventually(async () => (await get(`/v1/usage/conversations/${cascade}`)).turns?.find((each) => each.outcome));
  assert.equal(turn.outcome, 'abandoned');
  assert.notEqual((await rows_of(cascade))[0].status, 'complete');
});

holds('what is no request is an error, and the socket goes on', async () => {
  const socket = await Socket.open();
  socket.socket.send('nonsense');
  assert.equal((await socket.next()).error.code, 'invalid_json');
  socket.create('hi', { model: 'a/b' });
  const refused = await socket.next();
  assert.equal(refused.status, 404);
  assert.equal(refused.error.code, 'model_not_found');
  socket.create('hello');
  assert.equal((await socket.turn()).at(-1).type, 'response.completed');
});

holds('a page of another origin gets no socket', async () => {
  await assert.rejects(Socket.open({ headers: { Origin: 'https://evil.example' } }));
});

/// A frame of a client, masked by zeros.
function frame(text) {
  const payload = Buffer.from(text);
  assert.ok(payload.length < 65_536);
  const head = payload.length < 126 ? [0x81, 0x80 | payload.length] : [0x81, 0xfe, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

holds('a stream of HTTP/2 carries a socket, too', async () => {
  const session = connect_h2(base);
  await new Promise((settled) => session.once('remoteSettings', settled));
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/v1/responses', ':scheme': 'http',
    ':authority': new URL(base).host, 'sec-websocket-version': '13' }, { endStream: false });
  const head = await new Promise((answered) => stream.once('response', answered));
  assert.equal(head[':status'], 200);
  let all = '';
  stream.on('data', (piece) => { all += piece.toString('latin1'); });
  for (let turn = 1; turn <= 2; ++turn) {
    stream.write(frame(JSON.stringify({ type: 'response.create', model, input: 'hello' })));
    await eventually(() => all.split('"type":"response.completed"').length > turn);
  }
  stream.close();
  session.close();
});

await run();
