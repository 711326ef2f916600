#include "net/inspect.hpp"

#include <gtest/gtest.h>

#include <string>

#include <openssl/ssl.h>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "net/stream.hpp"
#include "net/wire/errc.hpp"
#include "test/support/run.hpp"

namespace {

namespace asio = boost::asio;
using net::tcp;

/// The first flight of OpenSSL's client.
std::string hello_for(const char* name) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  SSL_set_tlsext_host_name(ssl, name);
  SSL_set_connect_state(ssl);
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
  SSL_do_handshake(ssl);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string flight(data, static_cast<std::size_t>(size));
  SSL_free(ssl);
  SSL_CTX_free(context);
  return flight;
}

class peek_client_hello : public testing::Test {
 protected:
  peek_client_hello() : client_(pool_.strand()), server_(pool_.strand()) {
    tcp::acceptor acceptor(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
    client_.connect(acceptor.local_endpoint());
    client_.set_option(tcp::no_delay(true));
    acceptor.accept(server_);
  }

  net::result<net::wire::client_hello> peek() { return test::run(pool_, net::peek_client_hello(server_)); }
  void send(std::string_view bytes) { asio::write(client_, asio::buffer(bytes)); }

  net::worker_pool pool_{2};
  tcp::socket client_;
  tcp::socket server_;
};

TEST_F(peek_client_hello, finds_the_server_name_and_leaves_every_byte_in_the_socket) {
  const std::string flight = hello_for("api.example.com");
  send(flight);
  const auto hello = peek();
  ASSERT_TRUE(hello.has_value()) << hello.error().message();
  EXPECT_EQ(hello->server_name, "api.example.com");
  std::string left(flight.size(), '\0');
  asio::read(server_, asio::buffer(left));
  EXPECT_EQ(left, flight);
}

TEST_F(peek_client_hello, waits_for_a_client_that_sends_byte_by_byte) {
  const std::string flight = hello_for("api.example.com");
  auto looked = asio::co_spawn(server_.get_executor(), net::peek_client_hello(server_), asio::use_future);
  for (const char& byte : flight) send({&byte, 1});
  const auto hello = looked.get();
  ASSERT_TRUE(hello.has_value()) << hello.error().message();
  EXPECT_EQ(hello->server_name, "api.example.com");
}

TEST_F(peek_client_hello, leaves_the_socket_readable_for_a_single_byte) {
  send(hello_for("a.example.com").substr(0, 10));
  auto looked = asio::co_spawn(server_.get_executor(), net::peek_client_hello(server_), asio::use_future);
  send(hello_for("a.example.com").substr(10));
  ASSERT_TRUE(looked.get().has_value());
  asio::socket_base::receive_low_watermark watermark;
  server_.get_option(watermark);
  EXPECT_EQ(watermark.value(), 1);
}

TEST_F(peek_client_hello, says_at_once_that_something_is_not_tls) {
  send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(peek().error(), net::wire::errc::not_tls);
}

TEST_F(peek_client_hello, sees_the_end_of_a_client_that_leaves_before_or_in_the_middle) {
  auto looked = asio::co_spawn(server_.get_executor(), net::peek_client_hello(server_), asio::use_future);
  send("\x16\x03");
  client_.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(looked.get().error(), asio::error::eof);
}

}  // namespace
