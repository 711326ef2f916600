#include "mitm/rewrite/local_answer.hpp"

#include <boost/system/errc.hpp>

#include "net/errc.hpp"

namespace mitm {
namespace {

// Messages of OpenSSL and the system: quotes and control characters would break the surrounding JSON.
std::string plain(std::string_view text) {
  std::string kept;
  for (const char c : text) kept += c == '"' ? '\'' : c == '\\' || static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return kept;
}

std::string message_of(const net::failure& failure, std::string_view host) {
  std::string text = "zerogravity: ";
  text += host;
  switch (failure.phase) {
    case net::failure::phase_of::connect:
      text += " cannot be reached: ";
      break;
    case net::failure::phase_of::handshake:
      text += " cannot be trusted or does not speak TLS: ";
      break;
    default:
      text += " did not answer: ";
      break;
  }
  text += failure.code.message();
  if (!failure.detail.empty()) text += " (" + failure.detail + ")";
  return plain(text);
}

}  // namespace

std::string_view cause_of(const net::failure& failure) {
  if (failure.code == boost::system::errc::timed_out) return "upstream_timeout";
  if (failure.code == net::errc::certificate_untrusted) return "upstream_untrusted";
  if (failure.code == boost::system::errc::connection_refused) return "upstream_refused";
  return "upstream_unreachable";
}

local_answer answer_to(const net::failure& failure, std::string_view host) {
  const bool slow = failure.code == boost::system::errc::timed_out;
  const std::string_view type = cause_of(failure);
  std::string body = R"({"error":{"code":)" + std::string(slow ? "504" : "502") + R"(,"status":")" +
                     (slow ? "DEADLINE_EXCEEDED" : "UNAVAILABLE") + R"(","type":")" + std::string(type) +
                     R"(","message":")" + message_of(failure, host) + "\"}}\n";
  return {slow ? 504u : 502u,
          {{"Content-Type", "application/json"}, {"X-Zerogravity-Error", std::string(type)}},
          std::move(body)};
}

std::string last_answer(const local_answer& answer, bool with_body) {
  std::string text = answer.status == 504 ? "HTTP/1.1 504 Gateway Timeout\r\n" : "HTTP/1.1 502 Bad Gateway\r\n";
  for (const auto& [name, value] : answer.fields) text.append(name).append(": ").append(value).append("\r\n");
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\nConnection: close\r\n\r\n";
  return with_body ? text + answer.body : text;
}

}  // namespace mitm
