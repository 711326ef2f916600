// Bulk: downloads whose every block differs, uploads that are counted and hashed, and an upgraded connection that
// echoes.

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/serialize.hpp>

#include "test/sim/exchange.hpp"

namespace sim {
namespace {

using block = std::array<std::uint64_t, 8 * 1024>;

// A lost, doubled or moved block must change the sum, so each depends on its place.
void fill(block& words, std::uint64_t index) {
  std::uint64_t state = index * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
  for (auto& word : words) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    word = state;
  }
}

std::optional<std::uint64_t> size_in(std::string_view path) {
  path.remove_prefix(std::string_view("/bytes/").size());
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), size);
  if (error != std::errc{} || end != path.data() + path.size()) return std::nullopt;
  return size;
}

}  // namespace

asio::awaitable<bool> answer_bytes(exchange& x) {
  co_await x.read_body(nullptr);
  const auto size = size_in(x.path());
  const auto asked = read_behaviour(x.field("x-sim"), {});
  if (!size) co_return co_await answer_whole(x, asked, {.status = 400, .content_type = "text/plain"}, "a size\n");
  response_writer writer(x.stream(), asked, x.is("HEAD"));
  co_await writer.head({.status = 200, .content_type = "application/octet-stream", .fields = {}, .length = size});
  block words;
  const auto left_out = x.is("HEAD") ? *size : 0;
  for (std::uint64_t sent = left_out, index = 0; sent < *size; sent += sizeof words, ++index) {
    fill(words, index);
    const auto piece = std::min<std::uint64_t>(sizeof words, *size - sent);
    co_await writer.body({reinterpret_cast<const char*>(words.data()), piece});
  }
  co_await writer.finish();
  co_return x.client_keeps_alive() && !asked.close;
}

asio::awaitable<bool> answer_upload(exchange& x) {
  co_await x.read_body(nullptr);
  const auto asked = read_behaviour(x.field("x-sim"), {});
  const boost::json::object told{{"bytes", x.body_bytes()}, {"sha256", x.body_sha256()}};
  co_return co_await answer_whole(x, asked, {.status = 200, .content_type = "application/json"},
                                  boost::json::serialize(told) + "\n");
}

asio::awaitable<bool> answer_echo(exchange& x) {
  std::string body;
  co_await x.read_body(&body);
  std::string told = std::string(x.head().method_string()) + " " + std::string(x.head().target()) + "\n";
  for (const auto& field : x.head()) {
    told.append(field.name_string()).append(": ").append(field.value()).append("\n");
  }
  co_return co_await answer_whole(x, {}, {.status = 200, .content_type = "text/plain"}, told + "\n" + body);
}

asio::awaitable<bool> answer_upgrade(exchange& x) {
  co_await x.read_body(nullptr);
  constexpr std::string_view head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
  co_await asio::async_write(x.stream(), asio::buffer(head), asio::use_awaitable);
  co_await asio::async_write(x.stream(), x.buffer().data(), asio::use_awaitable);
  std::array<char, 16 * 1024> room;
  for (;;) {
    const auto [error, size] =
        co_await x.stream().async_read_some(asio::buffer(room), asio::as_tuple(asio::use_awaitable));
    if (error) co_return false;
    co_await asio::async_write(x.stream(), asio::buffer(room, size), asio::use_awaitable);
  }
}

}  // namespace sim
