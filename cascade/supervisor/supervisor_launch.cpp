#include "cascade/supervisor/supervisor_launch.hpp"

#include <algorithm>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "cascade/process/discovery_proc.hpp"
#include "cascade/supervisor/supervisor_command.hpp"
#include "cascade/supervisor/supervisor_environment.hpp"
#include "cascade/supervisor/supervisor_identity.hpp"

namespace cascade {

namespace {

std::string target_of(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

std::string seconds_since(std::chrono::steady_clock::time_point begin) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

}  // namespace

launched_source::launched_source(surroundings around, const launch_server& wanted, std::size_t form)
    : around_(around),
      wanted_(wanted),
      form_(form),
      csrf_token_(random_uuid()),
      redactor_({csrf_token_}),
      budget_(around.options.limits.log_lines_per_second),
      tasks_(around.strand, [note = around.hooks.note](const std::string& what) { note("language server: " + what); }) {
}

asio::awaitable<void> launched_source::begin() {
  auto spec = prepare();
  if (!spec) co_return;
  started_ = std::chrono::steady_clock::now();
  const std::string program = spec->command.front();
  auto launched = co_await process::launch(around_.strand, std::move(*spec));
  if (!launched) {
    const auto& failure = launched.error();
    refuse("cannot start " + program + ": cannot " + failure.step + ": " + failure.code.message());
    co_return;
  }
  process_ = std::move(*launched);
  spawn_tasks();
}

std::nullopt_t launched_source::refuse(std::string reason) {
  ended_ = std::move(reason);
  return std::nullopt;
}

std::optional<process_spec> launched_source::prepare() {
  auto command = compose_command();
  auto environment = command ? compose_environment() : std::nullopt;
  if (!environment || !prepare_home()) return std::nullopt;
  process_spec spec;
  spec.command = std::move(*command);
  spec.environment = std::move(*environment);
  spec.directory = wanted_.directory.empty() ? server_home(wanted_).string() : wanted_.directory.string();
  spec.user = wanted_.user;
  return spec;
}

std::optional<std::vector<std::string>> launched_source::compose_command() {
  const auto& forms = usual_commands();
  const auto& wanted = wanted_.command.empty() ? forms[form_ % forms.size()] : wanted_.command;
  values_ = {{"csrf_token", csrf_token_},
             {"cloud_code_endpoint", wanted_.cloud_code_endpoint},
             {"state_dir", around_.options.state_dir.string()},
             {"home", server_home(wanted_).string()}};
  const auto used = [&](std::string_view name) {
    return mentions(wanted, name) || mentions(wanted_.environment, name);
  };
  if (used("language_server")) {
    const auto program = wanted_.program.empty() ? find_language_server("/", server_home(wanted_)) : wanted_.program;
    if (!program) return refuse("no language server is installed in the usual places");
    values_["language_server"] = program->string();
  }
  if (used("https_port")) {
    port_ = free_port();
    if (port_ == 0) return refuse("no port is free");
    values_["https_port"] = std::to_string(port_);
  }
  if (used("parent_pipe")) {
    if (!prepare_pipe()) return std::nullopt;
    values_["parent_pipe"] = pipe_->path().string();
  }
  auto command = expand(wanted, values_);
  if (!command) return refuse("the command has an unknown placeholder {" + command.error() + "}");
  return std::move(*command);
}

std::optional<std::vector<std::string>> launched_source::compose_environment() {
  launch_server with_values = wanted_;
  auto given = expand(wanted_.environment, values_);
  if (!given) return refuse("the environment has an unknown placeholder {" + given.error() + "}");
  with_values.environment = std::move(*given);
  return server_environment(with_values);
}

server_address launched_source::at(std::uint16_t port) const {
  const uid_t user = wanted_.user ? wanted_.user->uid : ::geteuid();
  return {target_of(port), csrf_token_, {}, {{user}, pid()}};
}

bool launched_source::prepare_home() {
  if (wanted_.home.empty()) return true;
  std::error_code error;
  const bool made = std::filesystem::create_directories(wanted_.home, error);
  const bool for_another = wanted_.user && how_to_become(*wanted_.user) == change_of_user::setuid;
  if (!error && made && ::chmod(wanted_.home.c_str(), 0700) != 0) error.assign(errno, std::system_category());
  if (!error && made && for_another && ::chown(wanted_.home.c_str(), wanted_.user->uid, wanted_.user->gid) != 0) {
    error.assign(errno, std::system_category());
  }
  if (error) refuse("cannot make " + wanted_.home.string() + ": " + error.message());
  return !error;
}

bool launched_source::prepare_pipe() {
  auto pipe = parent_pipe::listen(around_.strand, wanted_.pipe_dir / ("server_" + random_name()),
                                  wanted_.user ? &*wanted_.user : nullptr);
  if (!pipe) {
    refuse("cannot make a parent pipe in " + wanted_.pipe_dir.string() + ": " + pipe.error().message());
    return false;
  }
  pipe_.emplace(std::move(*pipe));
  return true;
}

void launched_source::spawn_tasks() {
  tasks_.spawn(around_.strand, feed());
  tasks_.spawn(around_.strand, read(process::output::out));
  tasks_.spawn(around_.strand, read(process::output::error));
  tasks_.spawn(around_.strand, watch());
  if (pipe_) tasks_.spawn(around_.strand, pipe_->accept());
}

asio::awaitable<void> launched_source::feed() {
  // It does no harm if the server does not read it.
  co_await process_->feed(wanted_.metadata);
}

asio::awaitable<void> launched_source::read(process::output stream) {
  co_await process_->read_lines(stream, around_.options.limits.log_line,
                                [this](std::string_view line) { take_line(line); });
  --open_outputs_;
  around_.changed.notify();
}

void launched_source::take_line(std::string_view line) {
  const auto fact = read_log_line(line);
  if (fact.kind == log_fact::kind_of::provider_retry) ++around_.counters.provider_retries;
  if (fact.kind == log_fact::kind_of::https_port && port_ == 0) {
    port_ = static_cast<std::uint16_t>(fact.number);
    around_.changed.notify();
  }
  last_line_ = line;
  if (budget_.allows(std::chrono::steady_clock::now())) {
    around_.hooks.server_line(redactor_.clean(line));
  } else {
    ++around_.counters.dropped_log_lines;
  }
}

asio::awaitable<void> launched_source::watch() {
  const auto exit = co_await process_->exited();
  if (!exit) co_return;
  // Its last line explains why it ended.
  co_await around_.changed.until([this] { return open_outputs_ == 0; }, net::after(around_.options.limits.last_output));
  process_->close_output();
  ended_ = to_string(*exit) + " after " + seconds_since(started_) +
           (last_line_.empty() ? "" : ": " + redactor_.clean(last_line_));
  around_.changed.notify();
}

asio::awaitable<std::vector<server_address>> launched_source::candidates() {
  std::vector<std::uint16_t> ports{port_};
  // It logs somewhere else, or in an unknown format.
  if (port_ == 0) {
    ports = co_await net::offload(around_.hooks.blocking,
                                  [proc = around_.options.proc, id = pid()] { return ports_of(proc, id); });
  }
  std::vector<server_address> all;
  for (const auto port : ports) all.push_back(at(port));
  co_return all;
}

asio::awaitable<void> launched_source::end() {
  // This is also the only way to stop a server that we may not signal.
  if (pipe_) pipe_->close();
  if (process_) {
    const auto ended = co_await process_->terminate(around_.options.limits.terminate);
    if (!ended) around_.hooks.note("language server process " + std::to_string(pid()) + " cannot be ended");
    if (ended) co_await around_.changed.until([this] { return ended_.has_value(); }, net::deadline::max());
  }
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace cascade
