// Two streamed chats on one HTTP/2 connection; the first is reset at its first word. Its turn must be abandoned at once,
// the other must come to its end.
import assert from 'node:assert/strict';
import http2 from 'node:http2';

const url = process.argv[2];
const authorization = `Bearer ${process.env.ZG_KEY}`;
const session = http2.connect(url);

function ask(path, body) {
  const stream = session.request({ ':path': path, ':method': body ? 'POST' : 'GET', 'content-type': 'application/json', authorization });
  stream.setEncoding('utf8');
  stream.head = new Promise((resolve, reject) => stream.on('response', resolve).on('error', reject));
  stream.end(body && JSON.stringify(body));
  return stream;
}

async function text(stream, until = () => false) {
  let all = '';
  for await (const piece of stream) {
    all += piece;
    if (until(all)) break;
  }
  return all;
}

function chat(words) {
  return ask('/v1/chat/completions', { model: 'gemini-3-flash', stream: true, messages: [{ role: 'user', content: words }] });
}

const left = chat('hi [[sim:events=600,delay_ms=50]]');
const stays = chat('hi [[sim:events=20,delay_ms=50]]');
const rest = text(stays);
const cascade = (await left.head)['x-zerogravity-cascade-id'];
await new Promise((resolve) => {
  let all = '';
  left.on('data', (piece) => {
    all += piece;
    if (/"content":"[^"]/.test(all)) resolve();
  });
});
const left_at = Date.now();
left.on('error', () => {});
left.close(http2.constants.NGHTTP2_CANCEL);

let turn;
for (const give_up = Date.now() + 20_000; !turn; ) {
  assert.ok(Date.now() < give_up, 'the turn goes on without its client');
  const answer = JSON.parse(await text(ask(`/v1/usage/conversations/${cascade}`)));
  turn = answer.turns?.find((each) => each.outcome);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
assert.equal(turn.outcome, 'abandoned');
console.log(`stream reset → invocation cancelled: ${turn.began_at_ms + turn.total_ms - left_at} ms`);
assert.match(await rest, /data: \[DONE\]/);
assert.equal(stays.rstCode, http2.constants.NGHTTP2_NO_ERROR);
session.close();
