"""A web page that tries all that a browser lets a page of another origin try, and what it would reach if nobody minded.

  door_pages.py PAGE-ADDRESS RECORDER-PORT

serves the page at PAGE-ADDRESS:80 as /?target=URL, and takes its word of how each attempt went as a line `page: …`. The
recorder on 127.0.0.1 answers everything and says what came, as lines `recorded: METHOD PATH TYPE BODY`."""

import http.server
import sys
import threading

PAGE = """<!doctype html><title>attempts</title><body>
<iframe name=form></iframe><iframe name=plain></iframe>
<form method=post enctype=text/plain target=form><input type=hidden id=words></form>
<form method=post target=plain id=cancel></form>
<script>
const target = new URLSearchParams(location.search).get('target');
const turn = JSON.stringify({text: 'run it [[ls:waiting=1]]', permissions: 'allow'});
const attempts = {
  'form text/plain': () => {
    const form = document.forms[0];
    words.name = turn.slice(0, -1) + ',"x":"';
    words.value = '"}';
    form.action = target + '/v1/cascades';
    form.submit();
    return new Promise(done => setTimeout(done, 300));
  },
  'form without body': () => {
    cancel.action = target + '/v1/cascades/any/cancel';
    cancel.submit();
    return new Promise(done => setTimeout(done, 300));
  },
  'fetch no-cors': () => fetch(target + '/v1/cascades', {method: 'POST', mode: 'no-cors', body: turn}),
  'fetch no-cors without a type': () =>
    fetch(target + '/v1/cascades', {method: 'POST', mode: 'no-cors', body: new Blob([turn])}),
  'fetch json': async () => (await (await fetch(target + '/v1/cascades', {
    method: 'POST', headers: {'content-type': 'application/json'}, body: '{"text":"hello"}'})).text()).slice(0, 20),
  'fetch to read': async () => (await (await fetch(target + '/v1/usage')).text()).slice(0, 20),
  'beacon': async () => navigator.sendBeacon(target + '/v1/cascades', new Blob([turn], {type: 'text/plain'})),
  'image': () => new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done('shown');
    image.onerror = () => failed('not shown');
    image.src = target + '/v1/usage';
  }),
  'script': () => new Promise((done, failed) => {
    const script = document.createElement('script');
    script.onload = () => done('run');
    script.onerror = () => failed('not run');
    script.src = target + '/v1/usage';
    document.body.append(script);
  }),
  'event source': () => new Promise((done, failed) => {
    const events = new EventSource(target + '/v1/usage');
    events.onopen = () => done('open');
    events.onerror = () => { events.close(); failed('closed'); };
  }),
  'web socket': () => new Promise((done, failed) => {
    const socket = new WebSocket(target.replace('http', 'ws') + '/v1/responses');
    socket.onopen = () => done('open');
    socket.onerror = () => failed('closed');
  }),
};
(async () => {
  const limit = () => new Promise((_, failed) => setTimeout(() => failed('nothing came'), 3000));
  for (const [name, attempt] of Object.entries(attempts)) {
    let how;
    try { how = 'went: ' + await Promise.race([attempt(), limit()]); } catch (why) { how = 'failed: ' + why; }
    await fetch('/said', {method: 'POST', body: name + ' ' + how});
  }
  await fetch('/said', {method: 'POST', body: 'done'});
})();
</script>"""


class Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length", 0))).decode(errors="replace")

    def answer(self, kind, text):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(text.encode())


class Page(Quiet):
    def do_GET(self):
        self.answer("text/html", PAGE)

    def do_POST(self):
        print("page:", self.body(), flush=True)
        self.answer("text/plain", "")


class Recorder(Quiet):
    def record(self):
        print("recorded:", self.command, self.path, self.headers.get("content-type", "-"), self.body(), flush=True)
        self.answer("application/json", "{}")

    do_GET = do_POST = do_OPTIONS = record


if __name__ == "__main__":
    recorder = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Recorder)
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    pages = http.server.ThreadingHTTPServer((sys.argv[1], 80), Page)
    print("ready", flush=True)
    pages.serve_forever()
