#include "app/turns/language_server.hpp"

#include <fstream>
#include <random>
#include <utility>

#include "app/config/config.hpp"
#include "app/turns/cascade_event.hpp"
#include "app/turns/server_holder.hpp"
#include "cascade/process/process_user.hpp"
#include "cascade/rpc/channel_trust.hpp"
#include "cascade/rpc/client.hpp"
#include "cascade/rpc/rpc_log.hpp"
#include "cascade/supervisor/supervisor_attach.hpp"
#include "net/file/access_words.hpp"

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

using user_result = boost::system::result<cascade::process_user, std::string>;

user_result configured_user(const config::language_server_section& section) {
  auto user = cascade::find_user(section.user);
  if (user) return user_result(boost::system::in_place_value, std::move(*user));
  return user_result(boost::system::in_place_error, "language_server.user: there is no user " + section.user);
}

options_result launch_options(const config& values) {
  const auto& section = values.language_server;
  cascade::launch_server wanted;
  wanted.command = section.command;
  wanted.program = section.program;
  wanted.cloud_code_endpoint = section.cloud_code_endpoint;
  wanted.bundle = values.mitm.bundle_file;
  wanted.metadata = identity().SerializeAsString();
  wanted.home = values.state_dir / "language-server-home";
  wanted.environment = section.environment;
  if (!section.user.empty()) {
    auto user = configured_user(section);
    if (!user) return user.error();
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
      const auto words = net::access_words(section.certificate_file, net::file_access::read);
      return "language_server.certificate_file: cannot read " + section.certificate_file.string() + ": " +
             (words.empty() ? "it is empty" : words);
    }
  }
  if (cascade::is_loopback_target(section.address)) {
    // Root could impersonate it anyway. A server of another user must be named in the configuration.
    wanted.address.owner.users = {::geteuid()};
    if (::geteuid() != 0) wanted.address.owner.users.push_back(0);
    if (!section.user.empty()) {
      const auto user = configured_user(section);
      if (!user) return user.error();
      wanted.address.owner.users.push_back(user->uid);
    }
  }
  cascade::supervisor_options options;
  options.server = std::move(wanted);
  return options;
}

options_result discover_options(const config& values) {
  const auto& section = values.language_server;
  cascade::discover_server wanted{section.workspace_id, {}};
  if (!section.user.empty()) {
    auto user = configured_user(section);
    if (!user) return user.error();
    wanted.user = std::move(*user);
  }
  cascade::supervisor_options options;
  options.server = std::move(wanted);
  return options;
}

options_result options_of(const config& values) {
  switch (values.language_server.mode) {
    case server_mode::none:
      return cascade::supervisor_options();
    case server_mode::launch:
      return launch_options(values);
    case server_mode::attach:
      return attach_options(values);
    case server_mode::discover:
      return discover_options(values);
  }
  return cascade::supervisor_options();
}

cascade::channel_options channel_options_of(const config& values) {
  cascade::channel_options options;
  options.max_receive_bytes = static_cast<int>(values.language_server.receive_limit);
  options.holder = find_server_holder;
  return options;
}

asio::awaitable<net::result<void>> heartbeat(cascade::server_address address) {
  cascade::channel_options connection;
  connection.holder = find_server_holder;
  auto opened = cascade::channel::open(std::move(address), connection);
  if (!opened) co_return opened.error().code;
  cascade::client_options options;
  options.identity = identity();
  cascade::client client(std::move(*opened), std::move(options));
  const auto answer = co_await client.heartbeat();
  if (!answer) co_return answer.error().code;
  co_return net::result<void>{};
}

asio::awaitable<cascade::port_holder> ask_holder(net::blocking_pool& blocking, const cascade::server_address& address) {
  return net::offload(blocking, [address] { return find_server_holder(address); });
}

asio::awaitable<net::result<std::string>> first_certificate(net::blocking_pool& blocking,
                                                            cascade::server_address address) {
  auto shown = co_await cascade::trust_on_first_use(address.target, net::after(std::chrono::seconds(5)),
                                                    [&] { return ask_holder(blocking, address); });
  if (!shown) co_return shown.error().code;
  co_return std::move(*shown);
}

cascade::dispatcher_options dispatcher_options_of(const config& values) {
  cascade::dispatcher_options options;
  options.limits = values.language_server.turns;
  options.channel = channel_options_of(values);
  options.client.identity = identity();
  return options;
}

}  // namespace

options_result language_server::plan(const config& values) {
  auto options = options_of(values);
  if (options.has_value()) options->state_dir = values.state_dir;
  return options;
}

language_server::language_server(net::worker_pool& workers, const config& values, cascade::supervisor_options options,
                                 logger& log)
    : log_(log),
      configured_(values.language_server.mode != server_mode::none),
      leaving_(workers.strand(),
               [&log](const std::string& what) { log.error("a turn was not left", {{"error", what}}); }),
      supervisor_(workers.strand(), std::move(options), hooks()),
      dispatcher_(supervisor_, dispatcher_options_of(values)),
      models_(dispatcher_, values.openai.aliases) {}

cascade::supervisor_hooks language_server::hooks() {
  cascade::supervisor_hooks given;
  given.blocking = &looks_;
  given.probe = heartbeat;
  given.trust = [this](cascade::server_address address) { return first_certificate(looks_, std::move(address)); };
  given.holder = [this](cascade::server_address address) { return look_at_holder(std::move(address)); };
  given.server_line = [this](std::string_view line) { log_.info("language server", {{"line", line}}); };
  given.note = [this](std::string_view what) { log_.info("language server supervisor", {{"note", what}}); };
  given.draw = [dice = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(dice);
  };
  return given;
}

asio::awaitable<cascade::port_holder> language_server::look_at_holder(cascade::server_address address) {
  auto found = co_await ask_holder(looks_, address);
  if (found.is == cascade::port_holder::who::stranger) {
    log_.warn("the language server's port is somebody else's", {{"address", address.target}, {"reason", found.words}});
  }
  co_return found;
}

cascade::turn_hooks language_server::turn_log() {
  cascade::turn_hooks hooks;
  hooks.on_kind = [this](const std::string& id, cascade::stream_kind kind, std::string_view reason) {
    const auto text =
        kind == cascade::stream_kind::polling ? "a cascade is POLLED, not pushed" : "another kind of stream";
    log_.warn(text, {{"cascade", id}, {"kind", to_string(kind)}, {"reason", reason}});
  };
  hooks.on_permission = [this](const std::string& id, const cascade::waiting& step, cascade::permission verdict) {
    log_.info("a step asks for permission",
              {{"cascade", id}, {"tool", step.name}, {"kind", to_string(step.kind)}, {"verdict", to_string(verdict)}});
  };
  return hooks;
}

language_server::~language_server() {
  cascade::take_rpc_errors({});
}

void language_server::start() {
  cascade::take_rpc_errors([this](std::string_view text) { log_.warn("gRPC", {{"text", text}}); });
  supervisor_.start();
}

asio::awaitable<void> language_server::stop() {
  co_await leaving_.join();
  co_await supervisor_.stop();
}

metric_readings::language_server_reading language_server::reading() const {
  const auto now = state();
  return {.ready = now.phase == cascade::supervisor_phase::ready,
          .starts = now.generation,
          .restarts = now.restarts,
          .stream_kind = now.stream_kind,
          .turns = dispatcher_.running(),
          .waiting = dispatcher_.waiting()};
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
