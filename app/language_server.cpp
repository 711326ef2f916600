#include "app/language_server.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <stop_token>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cascade/channel_trust.hpp"
#include "cascade/client.hpp"
#include "cascade/process_user.hpp"
#include "mitm/ca/atomic_file.hpp"

namespace app {
namespace {

using options_result = boost::system::result<cascade::supervisor_options, std::string>;

exa::codeium_common_pb::Metadata identity() {
  exa::codeium_common_pb::Metadata who;
  who.set_ide_name("zerogravity");
  who.set_extension_name("zerogravity");
  who.set_ide_version(ZEROGRAVITY_VERSION);
  who.set_extension_version(ZEROGRAVITY_VERSION);
  who.set_os("linux");
  who.set_locale("en");
  return who;
}

options_result launch_options(const config& values) {
  const auto& section = values.language_server;
  cascade::launch_server wanted;
  wanted.command = section.command;
  wanted.cloud_code_endpoint = section.cloud_code_endpoint;
  wanted.bundle = values.mitm.bundle_file;
  wanted.metadata = identity().SerializeAsString();
  wanted.home = values.state_dir / "language-server-home";
  if (!section.user.empty()) {
    auto user = cascade::find_user(section.user);
    if (!user) return "language_server.user: there is no user " + section.user;
    // Only root can give a directory away; sudo takes the user's own home.
    if (cascade::how_to_become(*user) == cascade::change_of_user::sudo) wanted.home.clear();
    wanted.user = std::move(*user);
  }
  cascade::supervisor_options options;
  options.server = std::move(wanted);
  return options;
}

options_result attach_options(const config& values) {
  const auto& section = values.language_server;
  cascade::attach_server wanted{{section.address, section.csrf_token, {}}};
  if (section.address.empty()) return std::string("language_server.address is needed to attach");
  if (!section.certificate_file.empty()) {
    std::ifstream file(section.certificate_file);
    wanted.address.certificate_pem.assign(std::istreambuf_iterator<char>(file), {});
    if (wanted.address.certificate_pem.empty()) {
      return "language_server.certificate_file: cannot read " + section.certificate_file.string();
    }
  }
  cascade::supervisor_options options;
  options.server = std::move(wanted);
  return options;
}

options_result options_of(const config& values) {
  cascade::supervisor_options others;
  switch (values.language_server.mode) {
    case server_mode::none:
      return others;
    case server_mode::launch:
      return launch_options(values);
    case server_mode::attach:
      return attach_options(values);
    case server_mode::discover:
      others.server = cascade::discover_server{values.language_server.workspace_id, {}};
      return others;
  }
  return others;
}

asio::awaitable<net::result<void>> heartbeat(cascade::server_address address) {
  auto opened = cascade::channel::open(std::move(address));
  if (!opened) co_return opened.error().code;
  cascade::client_options options;
  options.identity = identity();
  cascade::client client(std::move(*opened), std::move(options));
  const auto answer = co_await client.heartbeat();
  if (!answer) co_return answer.error().code;
  co_return net::result<void>{};
}

asio::awaitable<net::result<std::string>> first_certificate(std::string target) {
  auto shown = co_await cascade::trust_on_first_use(std::move(target), net::after(std::chrono::seconds(5)));
  if (!shown) co_return shown.error().code;
  co_return std::move(*shown);
}

/// Suspends until `gone` is requested.
asio::awaitable<void> until(std::stop_token gone) {
  const auto executor = co_await asio::this_coro::executor;
  auto timer = std::make_shared<asio::steady_timer>(executor, std::chrono::steady_clock::time_point::max());
  std::stop_callback wake(gone, [executor, timer] { asio::post(executor, [timer] { timer->cancel(); }); });
  if (gone.stop_requested()) co_return;
  co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

std::string to_json(const cascade::server_address& address) {
  return boost::json::serialize(boost::json::object{
      {"target", address.target}, {"csrf_token", address.csrf_token}, {"certificate", address.certificate_pem}});
}

}  // namespace

std::filesystem::path language_server_file(const std::filesystem::path& state_dir) {
  return state_dir / "language-server.json";
}

boost::system::result<cascade::server_address, std::string> read_language_server(
    const std::filesystem::path& state_dir) {
  using found = boost::system::result<cascade::server_address, std::string>;
  const auto path = language_server_file(state_dir);
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  boost::system::error_code error;
  const auto document = boost::json::parse(text, error);
  const auto* members = error ? nullptr : document.if_object();
  if (members == nullptr || !members->contains("target")) {
    return found(boost::system::in_place_error,
                 "no language server is ready: " + path.string() + " is missing or not readable by this user");
  }
  const auto text_of = [members](const char* name) {
    const auto* value = members->if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  return found(boost::system::in_place_value,
               cascade::server_address{text_of("target"), text_of("csrf_token"), text_of("certificate")});
}

boost::system::result<std::unique_ptr<language_server>, std::string> language_server::make(net::worker_pool& workers,
                                                                                           const config& values,
                                                                                           logger& log) {
  auto options = options_of(values);
  if (!options) return options.error();
  options->state_dir = values.state_dir;
  const bool configured = values.language_server.mode != server_mode::none;
  return std::unique_ptr<language_server>(new language_server(workers, std::move(*options), log, configured));
}

language_server::language_server(net::worker_pool& workers, cascade::supervisor_options options, logger& log,
                                 bool configured)
    : file_(language_server_file(options.state_dir)),
      log_(log),
      configured_(configured),
      tasks_(workers.strand(), [&log](const std::string& what) { log.error("publishing failed", {{"error", what}}); }),
      workers_(workers),
      supervisor_(workers.strand(), std::move(options), hooks()) {}

cascade::supervisor_hooks language_server::hooks() {
  cascade::supervisor_hooks given;
  given.probe = heartbeat;
  given.trust = first_certificate;
  given.server_line = [this](std::string_view line) { log_.info("language server", {{"line", line}}); };
  given.note = [this](std::string_view what) { log_.info("language server supervisor", {{"note", what}}); };
  given.draw = [dice = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(dice);
  };
  return given;
}

void language_server::start() {
  supervisor_.start();
  if (configured_) tasks_.spawn(workers_.strand(), publish());
}

asio::awaitable<void> language_server::stop() {
  co_await supervisor_.stop();
  tasks_.cancel();
  co_await tasks_.join();
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

asio::awaitable<void> language_server::publish() {
  for (;;) {
    const auto ready = co_await supervisor_.ready(net::after(std::chrono::hours(24)));
    if (ready.has_error() && ready.error() == asio::error::timed_out) continue;
    if (ready.has_error()) co_return;
    const auto written = mitm::write_atomically(file_, to_json(ready->address), 0600);
    if (!written) log_.error("cannot write down the language server", {{"error", written.error().message}});
    co_await until(ready->lost);
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
}

dependency language_server::readiness() const {
  const auto now = state();
  const bool ok = now.phase == cascade::supervisor_phase::ready;
  std::string reason(to_string(now.phase));
  if (ok) reason += " at " + now.target;
  if (!now.stream_kind.empty()) reason += ", stream: " + now.stream_kind;
  if (now.restarts != 0) reason += ", restarts: " + std::to_string(now.restarts);
  if (!ok && !now.reason.empty()) reason += ": " + now.reason;
  return {"language_server", ok, std::move(reason)};
}

}  // namespace app
