#include "app/run/interception.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "app/ledger_api/usage_api.hpp"

namespace app::run {

namespace {

/// It was answered, and so may have cost.
bool tells_no_usage(const usage::usage_record& row) {
  using enum usage::record_status;
  return row.kind == usage::call_kind::model && (row.status == unreported || row.status == interrupted) &&
         row.raw_usage.empty();
}

}  // namespace

interception::interception(const config& values)
    : bounds_(values.run), lines_(std::make_shared<kept_lines>()), log_(values.log.level, log_format::text, lines_) {}

startup_result<std::unique_ptr<interception>> interception::start(const config& values, hooks callbacks) {
  std::unique_ptr<interception> made(new interception(values));
  auto on_row = [spent = &made->spent_, told = std::move(callbacks.on_spent),
                 uncounted = std::move(callbacks.on_uncounted)](const usage::usage_record& row) {
    told(spent->add(row));
    if (uncounted && tells_no_usage(row)) uncounted(row);
  };
  auto on_session = [passed = &made->passed_](const mitm::session_report& ended) { passed->add(ended); };
  auto started = service::start(values, made->log_,
                                {.on_row = std::move(on_row),
                                 .on_unread = std::move(callbacks.on_unread),
                                 .on_state_ready = std::move(callbacks.on_bundle),
                                 .sockets = std::move(callbacks.sockets),
                                 .on_session = std::move(on_session),
                                 .own_certificate = std::move(callbacks.own_certificate),
                                 .on_the_way = mitm::redirects::passed,
                                 .only_seen = !callbacks.keep_rows});
  if (!started) return started.error();
  made->running_ = std::move(*started);
  return made;
}

void interception::serve(std::vector<net::descriptor> listeners, std::vector<net::descriptor> resolvers) {
  for (auto& each : listeners) running_->interceptor().listen_captured(each.release());
  names_ = std::make_unique<name_service>(running_->workers(), bounds_, std::move(resolvers));
}

net::result<std::string> interception::serve_proxy() {
  proxy_ = std::make_unique<connect_proxy>(running_->workers(), bounds_, running_->interceptor());
  const auto address = proxy_->listen();
  if (address.has_error()) return address.error();
  running_->processes().known_as({*address});
  return proxy_->url(*address);
}

void interception::finish() {
  const auto end = [](interception& self) -> asio::awaitable<void> {
    if (self.names_) co_await self.names_->stop();
    if (self.proxy_) co_await self.proxy_->stop();
    co_await self.running_->drain();
  };
  asio::co_spawn(running_->workers().strand(), end(*this), asio::use_future).get();
}

boost::json::object interception::usage() const {
  return render_usage(spent_.summary(), running_->interception(), running_->unread());
}

}  // namespace app::run
