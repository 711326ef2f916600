#include "test/sim/language_server/calls/provider.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>

#include "test/sim/language_server/calls/provider_connection.hpp"

namespace sim::ls {
namespace {

/// HOST[:PORT]; a name or an IPv4 address.
std::pair<std::string, std::string> host_and_port(std::string_view text, std::string_view port) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return {std::string(text), std::string(port)};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

boost::system::result<provider_address, std::string> refusal(std::string why) {
  return {boost::system::in_place_error, std::move(why)};
}

}  // namespace

boost::system::result<provider_address, std::string> parse_provider(std::string_view url, std::string_view connect) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return refusal("cloud code endpoint is not https: " + std::string(url));
  url.remove_prefix(scheme.size());
  provider_address address;
  std::tie(address.host, address.port) = host_and_port(url.substr(0, url.find('/')), "443");
  if (address.host.empty()) return refusal("cloud code endpoint names no host");
  if (!connect.empty()) std::tie(address.connect_host, address.connect_port) = host_and_port(connect, address.port);
  return address;
}

std::string_view answer_head::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (boost::beast::iequals(key, name)) return value;
  return {};
}

exchange::exchange(std::unique_ptr<provider_connection> connection) : connection_(std::move(connection)) {}
exchange::exchange(exchange&&) noexcept = default;
exchange& exchange::operator=(exchange&&) noexcept = default;
exchange::~exchange() = default;

const answer_head& exchange::head() const {
  return connection_->head();
}

asio::awaitable<std::string_view> exchange::read() {
  return connection_->read();
}

provider::provider(asio::any_io_executor executor, provider_address address)
    : executor_(std::move(executor)), address_(std::move(address)), tls_(asio::ssl::context::tls_client) {
  // Honours SSL_CERT_FILE and SSL_CERT_DIR.
  tls_.set_default_verify_paths();
  tls_.set_verify_mode(asio::ssl::verify_peer);
}

provider::~provider() = default;

asio::awaitable<exchange> provider::post(std::string_view target, std::string_view body) {
  if (auto idle = take_idle()) {
    bool stale = false;
    try {
      co_await idle->send(address_, target, body);
    } catch (const boost::system::system_error& error) {
      // The server may have closed it meanwhile; a new connection tells whether something is really wrong.
      if (error.code() == asio::error::operation_aborted) throw;
      stale = true;
    }
    if (!stale) co_return exchange(std::move(idle));
  }
  auto fresh = co_await connect();
  co_await fresh->send(address_, target, body);
  co_return exchange(std::move(fresh));
}

void provider::give_back(exchange done) {
  if (!done.connection_->reusable()) return;
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < max_idle) idle_.push_back(std::move(done.connection_));
}

asio::awaitable<std::unique_ptr<provider_connection>> provider::connect() {
  auto fresh = std::make_unique<provider_connection>(executor_, tls_);
  co_await fresh->open(address_);
  co_return fresh;
}

std::unique_ptr<provider_connection> provider::take_idle() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto latest = std::move(idle_.back());
  idle_.pop_back();
  return latest;
}

}  // namespace sim::ls
