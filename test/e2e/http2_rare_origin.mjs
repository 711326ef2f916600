// An origin for what few servers do: pushes, interim answers, trailers, extended CONNECT, resets and GOAWAY.
// Arguments: ADDRESS CERT KEY.

import { createSecureServer, constants } from 'node:http2';
import { readFileSync } from 'node:fs';

const [address, cert, key] = process.argv.slice(2);
const server = createSecureServer({
  cert: readFileSync(cert), key: readFileSync(key), settings: { enableConnectProtocol: true, headerTableSize: 1024 } });

const routes = {
  '/pushes': (stream) => stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
    if (error) return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    pushed.respond({ ':status': 200 });
    pushed.end('pushed');
    stream.respond({ ':status': 200 });
    stream.end('pushes');
  }),
  '/interim': (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</style.css>; rel=preload' });
    stream.additionalHeaders({ ':status': 103, link: '</other.css>; rel=preload' });
    stream.respond({ ':status': 200 });
    stream.end('after two interim answers');
  },
  '/trailers': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42', 'x-long': 'v'.repeat(3000) }));
    stream.end('with trailers');
  },
  '/tunnel': (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  },
  '/refused': (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  '/half': (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('half', () => stream.destroy(new Error('cut')));
  },
  '/early': (stream) => {
    stream.respond({ ':status': 413 });
    stream.end('too much');
  },
  '/goodbye': (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('goodbye', () => stream.session.close());
  },
};

server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const ordinary = () => {
    stream.respond({ ':status': 200 });
    stream.end('ordinary');
  };
  (routes[headers[':path']] ?? ordinary)(stream);
});
server.listen(443, address, () => console.log('ready'));
