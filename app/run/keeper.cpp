#include "app/run/keeper.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/linux/processes.hpp"
#include "app/run/command_process.hpp"
#include "app/run/front.hpp"
#include "app/run/interception.hpp"
#include "app/run/report.hpp"
#include "app/run/run_config.hpp"
#include "app/run/run_folder.hpp"
#include "mitm/ca/ca_certificate.hpp"

namespace app::run {
namespace {

using clock = std::chrono::steady_clock;

// What has ended with the command is booked by then; only for a report while other processes go on.
constexpr std::chrono::milliseconds settling{50};

void say(const std::string& line) {
  std::fprintf(stderr, "zerogravity: %s\n", line.c_str());
}

std::string reason_of(int error) {
  return std::strerror(error);
}

/// Connections need descriptors, and the soft limit is for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// A reader of the command's output must not wait for us, nor the command's terminal lose input to us.
void let_go_of_stdio(bool errors_too) {
  const descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(nothing.get(), STDIN_FILENO);
  ::dup2(nothing.get(), STDOUT_FILENO);
  if (errors_too) ::dup2(nothing.get(), STDERR_FILENO);
}

class keeper {
 public:
  keeper(const keeper_setup& setup, channel& front) : setup_(setup), values_(setup.values), front_(front) {}

  /// An exit code if the command could not be started.
  std::optional<exit_code> start() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    watch_children();
    if (auto failed = make_folder()) return failed;
    if (auto failed = start_process()) return failed;
    if (const auto unseen = unseen_proxy(); !unseen.empty()) say(unseen);
    let_go_of_stdio(false);
    raise_descriptor_limit();
    if (mode_ == run_mode::proxy) return start_behind_proxy();
    // The command begins while the rest of the interceptor is still being made: its connections wait for that.
    std::optional<exit_code> not_begun;
    if (auto failed = start_interception([&] { not_begun = begin(); })) return failed;
    return not_begun;
  }

  void run() {
    while (!ended_) {
      pollfd ready[] = {{front_.native(), POLLIN, 0}, {children_.get(), POLLIN, 0}, {spent_.get(), POLLIN, 0}};
      ::poll(ready, 3, wait_limit());
      if (ready[2].revents != 0) end_for_budget();
      if (ready[0].revents != 0) obey_front();
      if (ready[1].revents != 0) reap();
      if (kill_at_ && clock::now() >= *kill_at_) kill_rest();
    }
    traffic_->finish();
    conclude();
  }

  void give_up(exit_code code) {
    kill_descendants();
    tell_finished(static_cast<std::uint8_t>(code), false);
  }

 private:
  void watch_children() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    children_.reset(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
    spent_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }

  std::optional<exit_code> make_folder() {
    if (setup_.asked.named_bundle) return std::nullopt;
    auto made = run_folder::make(values_.state_dir);
    if (!made) {
      say("cannot " + made.error().what + ": " + reason_of(made.error().error));
      return exit_code::bad_state;
    }
    folder_.emplace(std::move(*made));
    values_.mitm.bundle_file = folder_->bundle();
    return std::nullopt;
  }

  // ---- the command's process

  std::optional<exit_code> start_process() {
    using enum run_command::way_of;
    const auto way = setup_.asked.way;
    if (way != proxy) {
      mode_ = run_mode::private_network;
      const auto failure = fork_command(way == usual_ports ? capture_kind::usual_ports : capture_kind::every_port);
      if (!failure) return std::nullopt;
      explain(*failure);
      if (way != automatic) return exit_code::not_started;
      say("using a proxy instead");
    }
    mode_ = run_mode::proxy;
    const auto failure = fork_command(capture_kind::every_port);
    if (!failure) return std::nullopt;
    explain(*failure);
    return exit_code::not_started;
  }

  std::optional<setup_failure> fork_command(capture_kind capture) {
    auto ends = channel::make();
    if (!ends) return setup_failure{"make a socket pair", errno};
    const command_plan plan{
        setup_.asked.words, mode_, capture, setup_.signals, ports_of_proxies(), variables_behind_proxy(values_)};
    command_ = start_command(plan, ends->second, ends->first);
    if (command_ < 0) return setup_failure{"fork", errno};
    ends->second.close();
    to_command_ = std::move(ends->first);
    sockets_.clear();
    const auto report = to_command_.receive<setup_report>(&sockets_);
    if (report && report->failed_to[0] == '\0' && sockets_.size() >= report->listeners) {
      if (mode_ == run_mode::private_network) {
        netlink_ = std::move(sockets_.back());
        sockets_.pop_back();
      }
      listeners_ = report->listeners;
      if (report->capture == capture_kind::usual_ports && mode_ == run_mode::private_network) warn_of_few_ports();
      return std::nullopt;
    }
    to_command_.close();
    ::waitpid(command_, nullptr, 0);
    return report ? setup_failure{report->failed_to.data(), report->error} : setup_failure{"start a process", ECHILD};
  }

  void warn_of_few_ports() const {
    const bool asked_for = setup_.asked.way == run_command::way_of::usual_ports;
    say(std::string(asked_for ? "" : "this kernel has no nftables TPROXY: ") +
        "only TCP ports 443, 80, 22 and 8443 work for the command");
  }

  static void explain(const setup_failure& failure) {
    say("no network of its own for the command: cannot " + failure.what + ": " + reason_of(failure.error));
    say("`zerogravity doctor` says what to change");
  }

  // ---- its interception

  std::optional<exit_code> start_interception(std::function<void()> on_bundle) {
    const auto limit = setup_.asked.max_tokens;
    const auto on_spent = [this, limit](std::int64_t tokens) {
      if (!limit || tokens < *limit) return;
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(spent_.get(), &one, sizeof one);
    };
    const auto on_unread = [limit](std::string_view host, mitm::unread why) {
      if (!limit) return;  // the report has it
      say("not read: traffic to " + std::string(host) + " (" + std::string(words_for(why)) +
          "): --max-tokens cannot count it");
    };
    const auto on_uncounted = [limit, said = std::make_shared<std::atomic_flag>()](const usage::usage_record& row) {
      if (!limit || said->test_and_set()) return;
      say("not counted: an answer of " + row.host +
          " told no usage, as others may: --max-tokens cannot count them (a stream tells it if stream_options or a "
          "rule "
          "with include_usage asks for it)");
    };
    auto started = interception::start(values_, {.on_spent = on_spent,
                                                 .on_unread = on_unread,
                                                 .on_uncounted = on_uncounted,
                                                 .on_bundle = std::move(on_bundle),
                                                 .sockets = std::move(netlink_),
                                                 .keep_rows = !setup_.within});
    if (!started) {
      say(started.error().message);
      return started.error().code;
    }
    traffic_ = std::move(*started);
    if (folder_) folder_->keep_bundle();
    if (mode_ == run_mode::proxy) return std::nullopt;
    std::vector<descriptor> resolvers;
    for (std::size_t i = listeners_; i < sockets_.size(); ++i) resolvers.push_back(std::move(sockets_[i]));
    sockets_.resize(listeners_);
    traffic_->serve(std::move(sockets_), std::move(resolvers));
    return std::nullopt;
  }

  std::optional<exit_code> start_behind_proxy() {
    if (auto failed = start_interception({})) return failed;
    const auto url = traffic_->serve_proxy();
    if (url.has_value()) {
      proxy_url_ = *url;
      return begin();
    }
    say("cannot listen on 127.0.0.1: " + url.error().message());
    return exit_code::cannot_bind;
  }

  /// Lets the command begin, and waits until it has, or could not.
  std::optional<exit_code> begin() {
    begin_order order;
    const auto certificate = mitm::ca_files::in(values_.state_dir).certificate;
    std::snprintf(order.bundle.data(), order.bundle.size(), "%s", values_.mitm.bundle_file.c_str());
    std::snprintf(order.certificate.data(), order.certificate.size(), "%s", certificate.c_str());
    std::snprintf(order.proxy_url.data(), order.proxy_url.size(), "%s", proxy_url_.c_str());
    began_at_ = std::chrono::system_clock::now();
    to_command_.send(order);
    if (mode_ == run_mode::proxy) watch_past_proxy();
    const auto failure = to_command_.receive<exec_failure>();
    to_command_.close();
    if (!failure) return std::nullopt;
    ::waitpid(command_, nullptr, 0);
    if (failure->step == exec_step::trust) {
      say("cannot bind the CA bundle over the system's: " + reason_of(failure->error));
      return exit_code::not_started;
    }
    say(setup_.asked.words.front() + ": " + reason_of(failure->error));
    return failure->error == ENOENT ? exit_code::not_found : exit_code::not_executable;
  }

  /// A proxy sees only who uses it: others are named.
  void watch_past_proxy() {
    std::vector<descriptor> handed_over;
    const auto notice = to_command_.receive<connections_notice>(&handed_over);
    const bool told = notice && notice->told && !handed_over.empty();
    if (!setup_.asked.quiet) {
      say(std::string("by a proxy (HTTPS_PROXY), programs that ignore it are not watched; ") +
          (told ? "they are named here" : "they cannot be named here"));
    }
    if (!told) return;
    // A terminal is the command's: there the report names them.
    const bool at_once = !setup_.asked.quiet && ::isatty(STDERR_FILENO) == 0;
    past_.emplace(std::move(handed_over.front()), [at_once](const direct_program& program) {
      if (!at_once) return;
      say(program.executable + " ignores HTTPS_PROXY: it connects to " + program.address +
          " port 443 itself, and is not watched");
    });
  }

  // ---- while it runs

  int wait_limit() const {
    if (!kill_at_) return -1;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*kill_at_ - clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(left + 1, 0));
  }

  void obey_front() {
    const auto order = front_.receive<signal_order>();
    if (order) {
      if (!status_) ::kill(command_, order->number);
      return;
    }
    front_.close();
    // It was killed while the command ran.
    if (!status_) kill_rest();
  }

  void reap() {
    signalfd_siginfo signal{};
    while (::read(children_.get(), &signal, sizeof signal) == sizeof signal) {
    }
    for (;;) {
      int status = 0;
      const pid_t child = ::waitpid(-1, &status, WNOHANG | WUNTRACED);
      if (child < 0 && errno == EINTR) continue;
      if (child <= 0) return conclude_if_over(child < 0);
      if (child != command_) continue;
      if (WIFSTOPPED(status)) {
        front_.send(keeper_word{keeper_word::kind_of::stopped, 0, false, clock::now().time_since_epoch().count()});
      } else {
        status_ = static_cast<std::uint8_t>(shell_status(status));
      }
    }
  }

  void conclude_if_over(bool nobody_left) {
    ended_ = nobody_left;
    if (nobody_left || !status_ || told_ || kill_at_) return;
    ::poll(nullptr, 0, static_cast<int>(settling.count()));
    report(descendants_of(::getpid()).size());
    tell_finished(*status_, true);
    let_go_of_stdio(true);
  }

  void end_for_budget() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(spent_.get(), &count, sizeof count);
    if (over_budget_) return;
    over_budget_ = true;
    say("--max-tokens " + std::to_string(*setup_.asked.max_tokens) + " is spent: ending the command");
    for (const pid_t each : descendants_of(::getpid())) ::kill(each, SIGTERM);
    kill_at_ = clock::now() + values_.run.kill_grace;
  }

  void kill_rest() {
    kill_at_.reset();
    for (const pid_t each : descendants_of(::getpid())) ::kill(each, SIGKILL);
    // Whoever was forked meanwhile is found the next time.
    kill_at_ = clock::now() + std::chrono::milliseconds(100);
  }

  // ---- the end

  void conclude() {
    report(0);
    const auto code = over_budget_ ? static_cast<std::uint8_t>(exit_code::over_budget) : status_.value_or(125);
    tell_finished(code, false);
  }

  void report(std::size_t still_running) {
    const run_facts facts{setup_.asked,
                          began_at_,
                          std::chrono::system_clock::now(),
                          over_budget_ ? static_cast<int>(exit_code::over_budget) : status_.value_or(125),
                          mode_,
                          over_budget_,
                          still_running,
                          traffic_->passed(),
                          past_ ? past_->programs() : std::vector<direct_program>()};
    const auto usage = traffic_->usage();
    if (!setup_.asked.json.empty()) write_report(facts, usage);
    if (told_ || setup_.asked.quiet) return;
    for (const auto& line : traffic_->warnings()) say(line);
    std::fputs(report_text(facts, usage).c_str(), stderr);
  }

  void tell_finished(std::uint8_t code, bool staying) {
    if (!std::exchange(told_, true)) front_.send(keeper_word{keeper_word::kind_of::finished, code, staying, 0});
  }

  const keeper_setup& setup_;
  config values_;
  channel& front_;
  std::optional<run_folder> folder_;
  descriptor children_;  // SIGCHLD
  descriptor spent_;     // readable once the budget is spent
  run_mode mode_ = run_mode::private_network;
  pid_t command_ = -1;
  channel to_command_;
  std::vector<descriptor> sockets_;  // handed out by the command's process
  descriptor netlink_;               // of the command's network
  std::size_t listeners_ = 0;        // how many of them accept connections
  std::string proxy_url_;
  std::optional<past_proxy> past_;
  std::unique_ptr<interception> traffic_;
  std::chrono::system_clock::time_point began_at_;
  std::optional<std::uint8_t> status_;  // of the command, once it has ended
  std::optional<clock::time_point> kill_at_;
  bool over_budget_ = false;
  bool told_ = false;
  bool ended_ = false;  // no process of the tree is left
};

}  // namespace

void keep(const keeper_setup& setup, channel& front) {
  keeper self(setup, front);
  if (const auto failed = self.start()) return self.give_up(*failed);
  self.run();
}

}  // namespace app::run
