// A WebSocket over HTTP/2 (RFC 8441) for a library that speaks HTTP/1.1 alone: what it writes as the head of an upgrade
// becomes an extended CONNECT, and the 200 that answers it becomes the 101 that the library waits for.

import { createHash } from 'node:crypto';
import { connect } from 'node:http2';
import { Duplex } from 'node:stream';

const accept = (key) => createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

function requestOf(head) {
  const [line, ...lines] = head.split('\r\n');
  const fields = Object.fromEntries(lines.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
  const { host, 'sec-websocket-key': key, connection: _, upgrade: __, ...others } = fields;
  return [key, { ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':authority': host, ':path': line.split(' ')[1], ...others }];
}

export function overHttp2({ host }) {
  const session = connect(`https://${host}`);
  let head = '', stream;
  const socket = new Duplex({
    read() { stream?.resume(); },
    write(chunk, _, done) {
      if (stream) return stream.write(chunk, done);
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return done();
      const [key, request] = requestOf(head.slice(0, head.indexOf('\r\n\r\n')));
      stream = session.request(request);
      stream.once('response', (fields) => {
        const status = fields[':status'] === 200 ? '101 Switching Protocols' : `${fields[':status']} Refused`;
        const extensions = fields['sec-websocket-extensions'];
        socket.push(`HTTP/1.1 ${status}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept(key)}\r\n` +
          `${extensions ? `Sec-WebSocket-Extensions: ${extensions}\r\n` : ''}\r\n`);
      });
      stream.on('data', (data) => { if (!socket.push(data)) stream.pause(); });
      stream.on('end', () => socket.push(null));
      stream.on('error', (error) => socket.destroy(error));
      stream.on('close', () => { socket.destroy(); session.close(); });
      return done();
    },
    final(done) { stream ? stream.end(done) : done(); },
    destroy(error, done) { stream?.destroy(); session.destroy(); done(error); },
  });
  session.once('remoteSettings', ({ enableConnectProtocol }) => {
    if (!enableConnectProtocol) return socket.destroy(new Error('no extended CONNECT here'));
    socket.emit('connect');
  });
  session.on('error', (error) => socket.destroy(error));
  Object.assign(socket, { setTimeout: () => socket, setNoDelay: () => socket, setKeepAlive: () => socket });
  socket.cork();
  session.once('remoteSettings', () => socket.uncork());
  return socket;
}
