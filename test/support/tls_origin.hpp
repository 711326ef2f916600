#pragma once

// A TLS origin on loopback for tests of the interceptor's shells: its own CA, one handler coroutine per connection.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "mitm/ca/leaf_mint.hpp"
#include "mitm/ca/server_context.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"
#include "net/tls_stream.hpp"

namespace test {

namespace asio = boost::asio;
using net::tcp;

/// Removed with all that is in it.
class temp_dir {
 public:
  temp_dir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zerogravity-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A CA in a directory, and contexts signed by it.
class test_authority {
 public:
  test_authority(const std::filesystem::path& dir, std::vector<std::string> subtrees)
      : files_(mitm::ca_files::in(dir)),
        authority_(std::make_shared<const mitm::certificate_authority>(
            mitm::certificate_authority::open_or_create(files_, subtrees, std::chrono::system_clock::now()).value())),
        mint_(mitm::leaf_mint::make(authority_).value()) {}

  net::ssl_context_ptr context(std::vector<std::string> names, mitm::leaf_key kind = mitm::leaf_key::ecdsa) const {
    auto leaf = mint_.mint(names, std::chrono::system_clock::now(), kind).value();
    auto context = mitm::make_server_context().value();
    EVP_PKEY* const key = kind == mitm::leaf_key::rsa ? mint_.rsa_key()->get() : mint_.key();
    SSL_CTX_use_cert_and_key(context.get(), leaf.certificate.get(), key, nullptr, 1);
    return context;
  }
  std::string file() const { return files_.certificate.string(); }
  mitm::leaf_mint mint() const { return mitm::leaf_mint::make(authority_).value(); }

 private:
  mitm::ca_files files_;
  std::shared_ptr<const mitm::certificate_authority> authority_;
  mitm::leaf_mint mint_;
};

/// Accepts on 127.0.0.1 until it is destroyed.
class tls_origin {
 public:
  using handler = std::function<asio::awaitable<void>(net::tls_stream&)>;

  tls_origin(net::worker_pool& pool, net::ssl_context_ptr context, handler serve)
      : pool_(pool), context_(std::move(context)), serve_(std::move(serve)), tasks_(pool.strand(), [](const auto&) {}) {
    auto strand = pool.strand();
    tcp::acceptor acceptor(strand, {asio::ip::address_v4::loopback(), 0});
    endpoint_ = acceptor.local_endpoint();
    tasks_.spawn(strand, accept(std::move(acceptor)));
  }
  ~tls_origin() {
    tasks_.cancel();
    asio::co_spawn(pool_.strand(), tasks_.join(), asio::use_future).get();
  }
  tcp::endpoint endpoint() const { return endpoint_; }

 private:
  asio::awaitable<void> accept(tcp::acceptor acceptor) {
    for (;;) {
      auto strand = pool_.strand();
      auto socket = co_await acceptor.async_accept(strand, asio::use_awaitable);
      tasks_.spawn(strand, one(std::move(socket)));
    }
  }
  asio::awaitable<void> one(tcp::socket socket) {
    net::tls_stream stream(std::move(socket), context_.get(), net::tls_stream::role::server);
    const auto shaken = co_await stream.handshake();
    if (!shaken.has_error()) co_await serve_(stream);
  }

  net::worker_pool& pool_;
  net::ssl_context_ptr context_;
  handler serve_;
  net::task_group tasks_;
  tcp::endpoint endpoint_;
};

/// Reads until `text` has been seen or the stream ends; everything read so far.
template <class Stream>
asio::awaitable<std::string> read_until(Stream& from, std::string_view text, boost::system::error_code* end = nullptr) {
  std::string got;
  while (text.empty() || got.find(text) == std::string::npos) {
    const auto block = net::scratch_block();
    const net::io_step step = from.read(block);
    if (step.error) {
      if (end != nullptr) *end = step.error;
      break;
    }
    got.append(block.data(), step.bytes);
    if (step.bytes != 0) continue;
    const auto error = co_await net::wait_until(from.socket(), step.next);
    if (error) {
      if (end != nullptr) *end = error;
      break;
    }
  }
  co_return got;
}

template <class Stream>
asio::awaitable<std::string> read_to_end(Stream& from, boost::system::error_code* end = nullptr) {
  return read_until(from, "", end);
}

}  // namespace test
