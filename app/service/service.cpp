#include "app/service/service.hpp"

#include <fmt/format.h>
#include <future>
#include <utility>

#include <boost/asio/use_awaitable.hpp>

#include "app/accounting/hash_secret.hpp"
#include "app/client/service_client.hpp"
#include "app/config/watched_hosts.hpp"
#include "app/ledger_api/conversation_routes.hpp"
#include "app/ledger_api/limits_routes.hpp"
#include "app/ledger_api/usage_routes.hpp"
#include "app/ledger_api/verify_routes.hpp"
#include "app/metrics/loop_probe.hpp"
#include "app/service/part_options.hpp"
#include "app/service/state_directory.hpp"
#include "app/service/state_routes.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
#include "mitm/upstream/upstream.hpp"
#include "net/thread_name.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace app {

struct service::prepared {
  authority trusted;
  usage::ledger_store store;
  net::ssl_context_ptr upstream_context;
  cascade::supervisor_options language_server;
  hooks callbacks;
  stored_api_key key;
  hash_secret secret;
};

namespace {

// Of 4000 intercepted connections and as many to origins; they take 1.4 MB. More cost a page each after they have gone.
constexpr std::size_t prepared_descriptors = 8192;
constexpr std::size_t waiting_bodies = 64;  // large API requests that wait to be parsed; further ones get 503

void warn_of_network(const config& values, logger& log) {
  for (const auto& each : values.api.listen.tcp) {
    if (each.address().is_loopback()) continue;
    log.warn("the API can be reached from other machines, without TLS: who reads the network sees the key and all else",
             {{"api.listen", to_text(each)}});
  }
}

}  // namespace

startup_result<std::unique_ptr<service>> service::start(const config& values, logger& log, hooks callbacks) {
  return_large_blocks();
  if (auto made = make_state_directory(values.state_dir); !made) return made.error();
  // Loading the system's CAs takes as long as everything else together.
  auto loading = std::async(std::launch::async, [&values] {
    net::name_thread("zg-authorities");
    return mitm::make_upstream_context({"", values.mitm.upstream_ca_file.string()});
  });
  auto key = api_key_of(values);
  if (!key) return key.error();
  auto secret = open_or_create_hash_secret(values.state_dir);
  if (!secret) return startup_failure{exit_code::bad_state, secret.error().why};
  auto trusted =
      callbacks.own_certificate.empty() ? open_authority(values) : make_authority(values, callbacks.own_certificate);
  if (!trusted) return trusted.error();
  auto store = usage::ledger_store::open(ledger_options_of(values));
  if (!store) return startup_failure{exit_code::bad_state, store.error().message};
  if (callbacks.on_state_ready) callbacks.on_state_ready();
  auto upstream = loading.get();
  if (!upstream) return startup_failure{exit_code::bad_config, upstream.error().message + " (mitm.upstream_ca_file)"};
  auto language_server_plan = language_server::plan(values);
  if (!language_server_plan) return startup_failure{exit_code::bad_config, language_server_plan.error()};
  std::unique_ptr<service> made(
      new service(values, log,
                  {std::move(*trusted), std::move(*store), std::move(*upstream), std::move(*language_server_plan),
                   std::move(callbacks), std::move(*key), *secret}));
  warn_of_network(values, log);
  if (auto begun = made->begin(); !begun) return begun.error();
  return made;
}

/// The API is served last: its routes read members that are set here.
startup_result<void> service::begin() {
  if (auto listening = listen(); !listening) return listening.error();
  if (auto redirected = redirect(); !redirected) return redirected.error();
  if (comes_back(listening_)) return startup_failure{exit_code::no_redirect, own_traffic_redirected()};
  language_server_.start();
  api_.serve();
  // Runs in parallel, because a ledger may be large.
  remembering_ = std::jthread([this](const std::stop_token& stopped) {
    net::name_thread("zg-remember");
    attribution_.remember_earlier(ledger_options_, values_.attribution, stopped);
  });
  return {};
}

service::service(const config& values, logger& log, prepared parts)
    : values_(values),
      room_(make_room_for(values_)),
      log_(log),
      ledger_options_(ledger_options_of(values)),
      workers_(thread_count(values), prepared_descriptors),
      blocking_(2, "blocking"),
      returned_(workers_.strand(), blocking_, [this] { return interceptor_.open_connections() + api_.connections(); }),
      held_(values.limits.held_bodies),
      apart_({.name = "zg-bodies", .threads = 1, .queue = waiting_bodies}),
      ledger_log_(log),
      writer_(std::move(parts.store), writer_options_of(values, ledger_log_)),
      reports_(ledger_options_, writer_, values.api_limits.reports),
      attribution_(writer_, values.attribution),
      processes_(values.processes, std::move(parts.callbacks.sockets)),
      accounts_(parts.secret),
      providers_(provider_table_of(values)),
      recorder_(
          [this, watch = std::move(parts.callbacks.on_row),
           only_seen = parts.callbacks.only_seen](usage::usage_record&& row) {
            if (watch) watch(row);
            return only_seen || attribution_.record(std::move(row));
          },
          counters_, log, account_limits_of(values, parts.secret, providers_), process_source(),
          [this, tell = std::move(parts.callbacks.on_unread), only_seen = parts.callbacks.only_seen](
              const usage::unread_note& note, bool first) {
            if (first && tell) tell(note);
            if (!only_seen) writer_.note(usage::unread_note(note));
          },
          [this, watch = std::move(parts.callbacks.on_session)](const mitm::session_report& report) {
            if (watch) watch(report);
            returned_.left();
          },
          {&accounts_,
           [this, only_seen = parts.callbacks.only_seen](usage::account_window&& told) {
             if (!only_seen) writer_.note(std::move(told));
           }}),
      rewrites_({counters_, log, process_source(), values.limits.rewrite_body}, values.rules),
      bypassed_(values_.limits),
      leaves_(workers_.strand(), std::move(parts.trusted.mint),
              {.capacity = values.limits.cached_leaves, .configure = mitm::install_alpn, .blocking = &blocking_}),
      interceptor_(workers_,
                   {values_.limits, bypassed_, leaves_, std::move(parts.upstream_context), recorder_, &rewrites_,
                    [this](net::tcp::socket& accepted) { return destination_of(accepted); }, values.mitm.reuse_upstream,
                    upstream_proxy_of(values), &held_, parts.callbacks.on_the_way},
                   parts.trusted.policy),
      language_server_(workers_, values_, std::move(parts.language_server), log),
      turns_(language_server_.dispatcher(), language_server_.leaving(), &attribution_, language_server_.turn_log()),
      cascades_{language_server_.dispatcher(),
                turns_,
                language_server_.models(),
                {values.language_server.permissions, values.api.permissions == permission_source::client},
                values.language_server.turn},
      openai_(language_server_.dispatcher(), turns_, language_server_.models(), values_),
      api_(workers_, {.key = std::move(parts.key.key),
                      .require_key = values.api.require_key,
                      .limits = values_.api_limits,
                      .routes = routes(),
                      .cors_origins = values.api.cors_origins,
                      .on_fault =
                          [&log](std::string_view request_id, std::string_view what) {
                            log.error("an API request failed",
                                      {{"request_id", request_id}, {"thread", net::thread_name()}, {"error", what}});
                          },
                      .on_end = [this] { returned_.left(); },
                      .held = &held_,
                      .apart = &apart_}),
      key_made_(parts.key.made),
      state_({counters_, log_, writer_, attribution_, processes_, bypassed_, leaves_, interceptor_, language_server_,
              ca_, listening_, redirect_, room_}) {
  if (!room_.note.empty()) log_.warn(room_.note);
  ca_.adopt(parts.trusted, log_);
}

service::~service() {
  remembering_ = {};
  workers_.stop();
  processes_.wait_idle();
}

startup_result<void> service::listen() {
  if (auto bound = api_.listen(values_.api.listen); !bound) {
    return startup_failure{exit_code::cannot_bind, fmt::format("cannot listen on {} (api.listen): {}",
                                                               bound.error().address, bound.error().why)};
  }
  for (const auto& each : values_.mitm.listen) {
    try {
      listening_.push_back(interceptor_.listen(each));
    } catch (const boost::system::system_error& error) {
      return startup_failure{exit_code::cannot_bind, fmt::format("cannot listen on {} (mitm.listen): {}", to_text(each),
                                                                 error.code().message())};
    }
  }
  return {};
}

startup_result<void> service::redirect() {
  if (values_.redirect.scope == redirect_scope::none) return {};
  auto installed = scope::cgroup_redirect::install(values_.redirect, listening_);
  if (!installed) return startup_failure{exit_code::no_redirect, "no redirect: " + installed.error().message};
  redirect_ = std::move(*installed);
  if (auto* rewriting = redirect_->rewriting()) {
    processes_.known_as(redirect_->arrivals());
    rewriting_.store(rewriting, std::memory_order_release);
  }
  return {};
}

net::result<endpoint> service::destination_of(net::tcp::socket& accepted) const {
  auto destination = net::original_destination(accepted);
  auto* rewriting = rewriting_.load(std::memory_order_acquire);
  if (destination.has_value() || rewriting == nullptr) return destination;
  return rewriting->original_destination(accepted);
}

std::string service::ready_line() const {
  config reached = values_;
  reached.api.listen = api_.addresses();
  const auto api = service_url(reached);
  auto line = fmt::format("ready api={} interceptor={} ca={} bundle={} try: {}", api, text_of(listening_),
                          mitm::ca_files::in(values_.state_dir).certificate.string(), values_.mitm.bundle_file.string(),
                          curl_words(api, "/v1/usage"));
  if (key_made_) {
    line += fmt::format(" (a key for other users and machines was made, {}; it is printed by: zerogravity key show)",
                        api_key_file(values_.state_dir).string());
  }
  return line;
}

asio::awaitable<startup_result<void>> service::reload(const config& values) {
  auto trusted = co_await net::offload(blocking_, [&values] { return open_authority(values); });
  if (!trusted) co_return trusted.error();
  ca_.adopt(*trusted, log_);
  interceptor_.use(trusted->policy);
  rewrites_.use(values.rules);
  co_await leaves_.use(std::move(trusted->mint));
  log_.set_level(values.log.level);
  co_return startup_result<void>{};
}

asio::awaitable<void> service::drain() {
  // Turns end first, while the language server can still reach its provider. Then the server ends, so that the
  // interceptor does not wait for the server's connections.
  co_await api_.drain(values_.limits.drain);
  co_await language_server_.stop();
  if (redirect_) redirect_->remove();
  const std::size_t cut = co_await interceptor_.drain();
  if (cut != 0) log_.warn("streams were cut: limits.drain has passed", {{"connections", std::int64_t(cut)}});
  co_await net::offload(blocking_, [this] {
    processes_.wait_idle();  // rows wait for it
    return writer_.stop(values_.limits.drain);
  });
  ledger_log_.on_end(writer_.state());
}

interception_report service::interception() const {
  return interception_of(counters_, bypassed_, interceptor_);
}

usage_recorder::process_source service::process_source() {
  return [this](const mitm::connection_facts& connection) { return processes_.look(connection); };
}

std::vector<api_route> service::routes() {
  const usage_sources sources{reports_, writer_, blocking_, counters_, bypassed_, interceptor_};
  std::vector<api_route> table;
  for (auto&& part : {usage_routes(sources), limits_routes(sources), verify_routes(sources),
                      conversation_routes({sources, attribution_, language_server_}),
                      state_routes(state_, counters_, blocking_), cascade_routes(cascades_), openai_routes(openai_)}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

}  // namespace app
