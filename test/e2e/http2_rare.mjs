// The client of http2_rare_origin.mjs: one line per thing that happened, nothing that differs between two runs.
// Argument: the origin's ADDRESS.

import { connect } from 'node:http2';
import { once } from 'node:events';

const [host] = process.argv.slice(2);
const say = (what) => console.log(JSON.stringify(what));
const session = connect('https://api.openai.com', { host, settings: { enablePush: true, headerTableSize: 0 } });
session.on('error', (error) => say({ session: error.code }));
let goodbye;
session.on('goaway', (code) => { goodbye = code; });
await once(session, 'remoteSettings');

async function read(stream) {
  const told = { interim: [], body: '' };
  stream.on('headers', (fields) => told.interim.push(fields[':status']));
  stream.on('response', (fields) => { told.status = fields[':status']; });
  stream.on('push', (fields) => { told.status = fields[':status']; });
  stream.on('trailers', (fields) => { told.trailers = [fields['x-sum'], fields['x-long']?.length]; });
  stream.on('data', (chunk) => { told.body += chunk; });
  stream.on('error', () => {});
  if (!stream.closed) await new Promise((done) => stream.on('close', done));
  return { ...told, code: stream.rstCode };
}
const ask = (path, options = {}) => read(session.request({ ':path': path, ...options }));

const pushed = new Promise((done) => session.once('stream', (stream, fields) => read(stream).then((told) => done({ path: fields[':path'], ...told }))));
say({ what: 'a page', ...await ask('/pushes') });
say({ what: 'what came with it', ...await pushed });
say({ what: 'interim answers', ...await ask('/interim') });
say({ what: 'trailers', ...await ask('/trailers') });

session.settings({ headerTableSize: 4096 });
await once(session, 'localSettings');
say({ what: 'trailers by another table', first: await ask('/trailers'), second: await ask('/trailers') });

const tunnel = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/tunnel' });
tunnel.setEncoding('utf8');
await once(tunnel, 'response');
for (const word of ['one', 'two', 'three']) {
  tunnel.write(word);
  say({ what: 'through the tunnel', word: (await once(tunnel, 'data'))[0] });
}
tunnel.end();
await once(tunnel, 'close');

say({ what: 'refused', ...await ask('/refused') });
say({ what: 'cut in the middle', ...await ask('/half') });
const early = session.request({ ':method': 'POST', ':path': '/early' });
early.write('x');
early.once('response', () => early.end('the rest'));
say({ what: 'answered early', ...await read(early) });
say({ what: 'behind all that', ...await ask('/') });
say({ what: 'the last one', ...await ask('/goodbye') });
if (!session.destroyed) await once(session, 'close');
say({ what: 'goodbye', code: goodbye });
