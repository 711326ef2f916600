// A static binary that knows no environment: one model call over TLS, trusting what is in the system's place for CAs.
// usage: static_client ADDRESS SERVER_NAME

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

static const char body[] = "{\"model\":\"gpt-sim\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

static int connected(const char* address) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(443)};
  const int peer = socket(AF_INET, SOCK_STREAM, 0);
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) return -1;
  return connect(peer, (const struct sockaddr*)&to, sizeof to) == 0 ? peer : -1;
}

static int call(SSL* tls, const char* host) {
  char text[4096];
  snprintf(text, sizeof text,
           "POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nx-sim: id=static\r\nConnection: close\r\n"
           "Content-Length: %zu\r\n\r\n%s",
           host, strlen(body), body);
  if (SSL_write(tls, text, (int)strlen(text)) <= 0) return 4;
  int whole = 0;
  for (int got; (got = SSL_read(tls, text, sizeof text)) > 0; whole += got) fwrite(text, 1, (size_t)got, stdout);
  return whole > 0 ? 0 : 5;
}

int main(int count, char** words) {
  if (count != 3) return 2;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (SSL_CTX_load_verify_file(context, "/etc/ssl/certs/ca-certificates.crt") != 1) return 6;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL* tls = SSL_new(context);
  const int peer = connected(words[1]);
  if (peer < 0) return 7;
  SSL_set_fd(tls, peer);
  SSL_set_tlsext_host_name(tls, words[2]);
  SSL_set1_host(tls, words[2]);
  return SSL_connect(tls) == 1 ? call(tls, words[2]) : 3;
}
