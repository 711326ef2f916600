// Node's own http2 module, one line per thing that happened and nothing that differs between two runs. With the argument
// `cut`: a model call that is cancelled; of it the origin tells when it notices.

import { createHash } from 'node:crypto';
import { connect, constants } from 'node:http2';
import { once } from 'node:events';

const sum = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const say = (what) => console.log(JSON.stringify(what));

const session = connect('https://api.openai.com', { settings: { headerTableSize: 65536, enablePush: false } });
session.on('error', (error) => say({ session: error.code }));
await once(session, 'remoteSettings');

async function ask(headers, body) {
  const stream = session.request(headers);
  if (body !== undefined) stream.end(body);
  let head, chunks = [];
  stream.on('response', (fields) => { head = fields; });
  stream.on('data', (chunk) => chunks.push(chunk));
  await once(stream, 'close').catch((error) => chunks.push(Buffer.from(error.code)));
  return { status: head?.[':status'], bytes: Buffer.concat(chunks).length, sum: sum(Buffer.concat(chunks)), code: stream.rstCode };
}

const chat = (id, extra = '') => JSON.stringify({
  model: 'gpt-sim', stream: true, stream_options: { include_usage: true },
  messages: [{ role: 'user', content: `hi [[sim:id=${id}${extra}]]` }] });
const post = (path) => ({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });

if (process.argv[2] === 'cut') {
  const cut = session.request(post('/v1/chat/completions'));
  cut.end(chat('node-cut', ',events=500,delay_ms=20'));
  cut.once('data', () => cut.close(constants.NGHTTP2_CANCEL));
  await once(cut, 'close');
  say({ what: 'a stream that was cancelled', code: cut.rstCode });
  say({ what: 'an answer behind it', ...await ask({ ':path': '/' }) });
  session.close();
  await once(session, 'close');
  process.exit(0);
}

say({ what: 'a plain answer', ...await ask({ ':path': '/' }) });
say({ what: 'HEAD', ...await ask({ ':path': '/bytes/100', ':method': 'HEAD' }) });
const many = Array.from({ length: 100 }, (_, i) => ask({ ':path': `/bytes/${1000 * i}` }));
say({ what: '100 streams at once', sums: sum(JSON.stringify(await Promise.all(many))) });
const streams = Array.from({ length: 10 }, (_, i) => ask(post('/v1/chat/completions'), chat(`node-${i}`, ',events=30')));
say({ what: '10 model calls at once', answers: await Promise.all(streams) });
say({ what: 'an upload', ...await ask(post('/upload'), Buffer.alloc(5_000_000, 'x')) });
say({ what: 'a head over several frames', ...await ask({ ':path': '/', 'x-large': 'v'.repeat(20_000) }) });
say({ what: 'the same again', ...await ask({ ':path': '/', 'x-large': 'v'.repeat(20_000) }) });

session.settings({ headerTableSize: 0 });
await once(session, 'localSettings');
say({ what: 'without a table', ...await ask({ ':path': '/' }) });
session.settings({ headerTableSize: 8192 });
await once(session, 'localSettings');
say({ what: 'with a table again', first: await ask({ ':path': '/' }), second: await ask({ ':path': '/' }) });

const pinged = await new Promise((done) => session.ping(Buffer.from('8 bytes!'), (error, _, payload) => done(error ?? payload.toString())));
say({ what: 'a ping', pinged });

session.close();
await once(session, 'close');
