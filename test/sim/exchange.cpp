#include "test/sim/exchange.hpp"

#include <array>
#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

namespace sim {
namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

exchange::exchange(tls_stream& stream, beast::flat_buffer& buffer, site& shared)
    : stream_(stream), buffer_(buffer), shared_(shared) {
  parser_.body_limit(boost::none);
  parser_.header_limit(256 * 1024);
}

asio::awaitable<bool> exchange::read_head() {
  const auto [error, size] = co_await http::async_read_header(stream_, buffer_, parser_, as_result);
  if (error) co_return false;
  const std::string_view target(head().target().data(), head().target().size());
  const auto question = std::min(target.find('?'), target.size());
  path_ = target.substr(0, question);
  query_ = question < target.size() ? target.substr(question + 1) : "";
  co_return true;
}

asio::awaitable<void> exchange::read_body(std::string* keep) {
  if (beast::iequals(parser_.get()[http::field::expect], "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(go_on), asio::use_awaitable);
  }
  std::array<char, 32 * 1024> room;
  while (!parser_.is_done()) {
    auto& body = parser_.get().body();
    body.data = room.data();
    body.size = room.size();
    auto [error, size] = co_await http::async_read(stream_, buffer_, parser_, as_result);
    if (error == http::error::need_buffer) error = {};
    if (error) throw boost::system::system_error(error);
    const std::string_view piece(room.data(), room.size() - body.size);
    received_.add(piece);
    body_bytes_ += piece.size();
    if (keep) keep->append(piece);
  }
}

std::string exchange::field(std::string_view name) const {
  const auto value = head()[beast::string_view(name.data(), name.size())];
  return {value.data(), value.size()};
}

bool exchange::is(std::string_view method) const {
  return beast::iequals(head().method_string(), beast::string_view(method.data(), method.size()));
}

asio::awaitable<bool> answer_whole(exchange& x, const behaviour& asked, response_outline outline,
                                   std::string_view body) {
  outline.length = body.size();
  response_writer writer(x.stream(), asked, x.is("HEAD"));
  co_await writer.head(outline);
  co_await writer.body(body);
  co_await writer.finish();
  constexpr std::size_t a_day = 24 * 3600 * 1000;
  if (asked.deaf) co_await pause(a_day);
  co_return x.client_keeps_alive() && !asked.close;
}

asio::awaitable<void> wait_for_end(exchange& x) {
  std::array<char, 4096> room;
  for (;;) {
    const auto [error, size] = co_await x.stream().async_read_some(asio::buffer(room), as_result);
    if (error) co_return;
  }
}

asio::awaitable<void> pause(std::size_t milliseconds) {
  if (milliseconds == 0) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace sim
