#include "app/run/keeper.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "app/linux/processes.hpp"
#include "app/run/front.hpp"
#include "app/run/interception.hpp"
#include "app/run/process_tree.hpp"
#include "app/run/report.hpp"
#include "app/run/run_config.hpp"
#include "app/run/run_folder.hpp"
#include "app/run/token_budget.hpp"
#include "app/run/trust_places.hpp"
#include "app/run/waiting_command.hpp"
#include "mitm/ca/atomic_file.hpp"
#include "mitm/ca/java_store.hpp"

namespace app::run {
namespace {

using clock = std::chrono::steady_clock;

// After the command has ended while other processes go on, wait this long for the last rows of its connections before
// the report.
constexpr std::chrono::milliseconds last_rows_wait{50};

/// Otherwise a reader of the command's output would wait for us, and the command's terminal would lose input to us.
void let_go_of_stdio(bool errors_too) {
  const net::descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(nothing.get(), STDIN_FILENO);
  ::dup2(nothing.get(), STDOUT_FILENO);
  if (errors_too) ::dup2(nothing.get(), STDERR_FILENO);
}

class keeper {
 public:
  keeper(const keeper_setup& setup, channel& front)
      : setup_(setup), values_(setup.values), front_(front), budget_(setup.asked.max_tokens) {}

  /// Returns an exit code if the command could not be started.
  std::optional<exit_code> start() {
    if (auto failed = make_folder()) return failed;
    auto started = start_waiting(setup_, values_);
    if (!started) return exit_code::not_started;
    command_ = std::move(*started);
    if (const auto unseen = unseen_proxy(); !unseen.empty()) say(unseen);
    let_go_of_stdio(false);
    if (command_.mode == run_mode::proxy) return start_behind_proxy();
    // The command begins while the rest of the interceptor is still starting. Its connections wait until then.
    std::optional<exit_code> not_begun;
    if (auto failed = start_interception([&] { not_begun = begin(); })) return failed;
    return not_begun;
  }

  void run() {
    while (!ended_) {
      pollfd ready[] = {{front_.native(), POLLIN, 0}, {tree_.native(), POLLIN, 0}, {budget_.native(), POLLIN, 0}};
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
  std::optional<exit_code> make_folder() {
    auto made = run_folder::make(values_.state_dir);
    if (!made) {
      say("cannot " + made.error().what + ": " + std::strerror(made.error().error));
      return exit_code::bad_state;
    }
    folder_.emplace(std::move(*made));
    if (!setup_.asked.named_bundle) values_.mitm.bundle_file = folder_->bundle();
    return std::nullopt;
  }

  // ---- its interception

  std::optional<exit_code> start_interception(std::function<void()> on_bundle) {
    auto started = interception::start(
        values_, {.on_spent = [this](std::int64_t tokens) { budget_.on_spent(tokens); },
                  .on_unread = [this](const usage::unread_note& what) { budget_.on_unread(what); },
                  .on_uncounted = [this](const usage::usage_record& row) { budget_.on_uncounted(row); },
                  .on_bundle = std::move(on_bundle),
                  .own_certificate = folder_->certificate(),
                  .sockets = std::move(command_.netlink),
                  .keep_rows = !setup_.within});
    if (!started) {
      say(started.error().message);
      return started.error().code;
    }
    traffic_ = std::move(*started);
    if (!setup_.asked.named_bundle) folder_->keep_bundle();
    if (command_.mode == run_mode::private_network) {
      traffic_->serve(std::move(command_.listeners), std::move(command_.resolvers));
    }
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

  /// Java's trust store. Without it, the command begins all the same.
  void write_java_store() {
    const auto bundle = mitm::read_small_file(values_.mitm.bundle_file, mitm::links::follow);
    if (!bundle) return;
    const auto places = find_trust_places(setup_.asked.words.front());
    const auto store = mitm::compose_java_store(bundle->content, places.java);
    if (store && mitm::write_atomically(folder_->java_store(), *store, 0644)) java_store_ = folder_->java_store();
  }

  /// Lets the command begin, and waits until it has begun or failed to.
  std::optional<exit_code> begin() {
    write_java_store();
    begin_order order;
    const auto certificate = folder_->certificate();
    std::snprintf(order.bundle.data(), order.bundle.size(), "%s", values_.mitm.bundle_file.c_str());
    std::snprintf(order.certificate.data(), order.certificate.size(), "%s", certificate.c_str());
    std::snprintf(order.java_store.data(), order.java_store.size(), "%s", java_store_.c_str());
    std::snprintf(order.proxy_url.data(), order.proxy_url.size(), "%s", proxy_url_.c_str());
    began_at_ = std::chrono::system_clock::now();
    command_.orders.send(order);
    if (command_.mode == run_mode::proxy) past_ = watch_past_proxy(command_, setup_.asked.quiet);
    return wait_for_exec(command_, setup_.asked.words.front());
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
      if (!status_) ::kill(command_.process, order->number);
      return;
    }
    front_.close();
    // The front was killed while the command ran.
    if (!status_) kill_rest();
  }

  void reap() {
    const auto change = tree_.reap(command_.process);
    if (change.stopped) {
      front_.send(keeper_word{keeper_word::kind_of::stopped, 0, false, clock::now().time_since_epoch().count()});
    }
    if (change.status) status_ = change.status;
    conclude_if_over(change.empty);
  }

  void conclude_if_over(bool nobody_left) {
    ended_ = nobody_left;
    if (nobody_left || !status_ || finish_sent_ || kill_at_) return;
    ::poll(nullptr, 0, static_cast<int>(last_rows_wait.count()));
    report(tree_.size());
    tell_finished(*status_, true);
    let_go_of_stdio(true);
  }

  void end_for_budget() {
    budget_.acknowledge();
    if (over_budget_) return;
    over_budget_ = true;
    say("--max-tokens " + std::to_string(*setup_.asked.max_tokens) + " is spent: ending the command");
    tree_.send_signal(SIGTERM);
    kill_at_ = clock::now() + values_.run.kill_grace;
  }

  void kill_rest() {
    tree_.send_signal(SIGKILL);
    // The next call finds what was forked meanwhile.
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
                          command_.mode,
                          over_budget_,
                          still_running,
                          traffic_->passed(),
                          past_ ? past_->programs() : std::vector<direct_program>()};
    const auto usage = traffic_->usage();
    if (!setup_.asked.json.empty()) write_report(facts, usage);
    if (finish_sent_ || setup_.asked.quiet) return;
    for (const auto& line : traffic_->warnings()) say(line);
    std::fputs(report_text(facts, usage).c_str(), stderr);
  }

  void tell_finished(std::uint8_t code, bool staying) {
    if (!std::exchange(finish_sent_, true)) front_.send(keeper_word{keeper_word::kind_of::finished, code, staying, 0});
  }

  const keeper_setup& setup_;
  config values_;
  channel& front_;
  std::optional<run_folder> folder_;
  process_tree tree_;
  token_budget budget_;
  waiting_command command_;
  std::string proxy_url_;
  std::filesystem::path java_store_;  // empty: none could be made
  std::unique_ptr<past_proxy> past_;  // null: programs that ignore the proxy cannot be named
  std::unique_ptr<interception> traffic_;
  std::chrono::system_clock::time_point began_at_;
  std::optional<std::uint8_t> status_;  // of the command, once it has ended
  std::optional<clock::time_point> kill_at_;
  bool over_budget_ = false;
  bool finish_sent_ = false;
  bool ended_ = false;  // no process of the tree is left
};

}  // namespace

void keep(const keeper_setup& setup, channel& front) {
  keeper self(setup, front);
  if (const auto failed = self.start()) return self.give_up(*failed);
  self.run();
}

}  // namespace app::run
