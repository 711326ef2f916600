// Turns on one WebSocket with an unmodified library; one line per turn, nothing that differs between two runs.
//   websocket_client.mjs ws|ws-plain|ws-h2|undici PATH UPGRADE_SIM TURN…
// TURN is [N*][prewarm:|next:|with:|leave:]SIM: what x-sim says is for the upgrade, what SIM says for this turn, `{}` is
// its number among N. prewarm generates nothing, next continues the turn before, with does not wait for that, leave drops
// the connection at the first message.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { overHttp2 } from './websocket_http2.mjs';

const [library, path, sim, ...list] = process.argv.slice(2);
const require = createRequire(`${process.env.ZG_NODE_MODULES}/`);
const url = `wss://${path.includes('BidiGenerateContent') ? 'generativelanguage.googleapis.com' : 'api.openai.com'}${path}`;
const headers = { authorization: 'Bearer none', ...(library !== 'undici' && { 'session-id': 'of the upgrade' }), ...(sim && { 'x-sim': sim }) };

function connect() {
  if (library === 'undici') return new (require('undici').WebSocket)(url, { headers });
  const perMessageDeflate = library !== 'ws-plain' && { threshold: 0, clientMaxWindowBits: true };
  const createConnection = library === 'ws-h2' ? overHttp2 : undefined;
  return new (require('ws'))(url, { headers, perMessageDeflate, createConnection });
}

// What starts a turn on each of the protocols, and which message is its last.
const text = (turn) => `${'All work and no play makes Jack a dull boy. '.repeat(100)}[[sim:${turn.sim}]]`;
const message = (turn) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text: text(turn) }] });
const responses = {
  open: () => [],
  start: (turn, before) => [{
    type: 'response.create', model: `gpt-${turn.name}`, store: false, input: [message(turn)], prompt_cache_key: 'of the message',
    ...(turn.flag === 'prewarm' && { generate: false }), ...(turn.flag === 'next' && { previous_response_id: before.response }),
    ...(turn.stream && { stream_id: turn.stream }) }],
  last: (event) => /^(error|response\.(completed|incomplete|failed|cancelled))$/.test(event.type) && event.type,
};
const realtime = {
  open: () => [{ type: 'session.update', session: { type: 'realtime' } }],
  start: (turn) => [{ type: 'conversation.item.create', item: message(turn) }, { type: 'response.create' }],
  last: (event) => event.type === 'response.done' && event.response.status,
};
const live = {
  open: () => [{ setup: { model: 'models/gemini-live' } }],
  start: (turn) => [{ clientContent: { turns: [{ role: 'user', parts: [{ text: text(turn) }] }], turnComplete: true } }],
  last: (event) => event.serverContent?.turnComplete && 'turnComplete',
};
const protocol = path.includes('realtime') ? realtime : path.includes('BidiGenerateContent') ? live : responses;

const turns = list.flatMap((item) => {
  const [, count, flag, marker] = /^(?:(\d+)\*)?(?:(prewarm|next|with|leave):)?(.*)$/.exec(item);
  return Array.from({ length: count ?? 1 }, (_, i) => {
    const own = marker.replace('{}', i);
    return { flag, sim: own, name: /id=([^,]*)/.exec(own)?.[1] ?? 'sim', messages: 0, sum: createHash('sha256') };
  });
});
turns.forEach((turn, i) => { if (turn.flag === 'with' || turns[i + 1]?.flag === 'with') turn.stream = turn.name; });

const socket = connect();
socket.binaryType = 'arraybuffer';
const send = (events) => events.forEach((event) => socket.send(JSON.stringify(event)));
let running = [];  // turns, in the order of their start
socket.onmessage = ({ data }) => {
  const raw = typeof data === 'string' ? data : new TextDecoder().decode(data);
  const event = JSON.parse(raw);
  const turn = running.find((one) => !one.last && one.stream === event.stream_id);
  if (!turn || /^(session|conversation)\./.test(event.type) || event.setupComplete) return;
  turn.messages += 1;
  turn.sum.update(raw);
  turn.response ??= event.response?.id;
  turn.usage = event.response?.usage ?? event.usageMetadata ?? undefined;
  turn.last = protocol.last(event) || undefined;
  if (turn.flag === 'leave') socket.terminate();
  if (turn.last) turn.end();
};
const closed = new Promise((done) => { socket.onclose = done; });
socket.onerror = (event) => console.error(event.message);
let terms;  // of compression; undici tells only the extension's name
socket.on?.('upgrade', (answer) => { terms = answer.headers['sec-websocket-extensions']; });
socket.on?.('unexpected-response', (_, answer) => {
  console.log(JSON.stringify({ refused: answer.statusCode }));
  process.exit(0);
});
await Promise.race([closed, new Promise((done) => { socket.onopen = done; })]);
if (socket.readyState === 1) {
  console.log(JSON.stringify({ open: terms ?? socket.extensions }));
  send(protocol.open());
}
for (let i = 0; i < turns.length && socket.readyState === 1; i += running.length) {
  running = [turns[i]];
  while (turns[i + running.length]?.flag === 'with') running.push(turns[i + running.length]);
  const ended = Promise.all(running.map((turn) => new Promise((done) => { turn.end = done; })));
  for (const turn of running) send(protocol.start(turn, turns[i - 1]));
  await Promise.race([ended, closed]);
  for (const { name, messages, sum, last, usage } of running)
    console.log(JSON.stringify({ name, messages, sum: sum.digest('hex').slice(0, 16), last: last ?? 'closed', usage }));
}
socket.close(1000);
const { code } = await closed;
console.log(JSON.stringify({ closed: code }));
process.exit(0);
