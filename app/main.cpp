// The composition root: command line in, exit code out.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/system/result.hpp>

#include "app/base/exit_code.hpp"
#include "app/base/json_members.hpp"
#include "app/base/terminal_text.hpp"
#include "app/base/wall_clock.hpp"
#include "app/client/limits_table.hpp"
#include "app/client/service_client.hpp"
#include "app/client/usage_table.hpp"
#include "app/command_line.hpp"
#include "app/commands/ca_command.hpp"
#include "app/commands/cascade_command.hpp"
#include "app/commands/check_config.hpp"
#include "app/config/config_load.hpp"
#include "app/config/config_print.hpp"
#include "app/config/watched_hosts.hpp"
#include "app/ledger_api/usage_reconcile.hpp"
#include "app/ledger_api/usage_verify.hpp"
#include "app/service/serve.hpp"
#include "net/last_words.hpp"
#include "net/openssl_exit.hpp"

namespace {

using app::exit_code;

exit_code print_errors(const app::config_errors& errors) {
  for (const auto& line : errors.lines) std::cerr << "zerogravity: " << line << '\n';
  return exit_code::bad_config;
}

// The service asks the language server first, cascade by cascade.
constexpr std::chrono::milliseconds verify_limit{60'000};

std::string limits_now(const boost::json::object& document) {
  return app::limits_table(document, app::unix_seconds());
}

/// The body of an answer of the service, and the object in it.
struct shown_answer {
  std::string body;
  boost::json::object object;
};

/// Error: it is on stderr.
boost::system::result<shown_answer, exit_code> ask(const app::service_request& request, std::string_view kind) {
  auto answer = app::fetch(request);
  if (!answer) {
    std::cerr << "zerogravity: " << answer.error().why << '\n';
    return exit_code::unreachable;
  }
  if (const auto message = app::error_message(*answer); answer->status != 200 && !message.empty()) {
    std::cerr << "zerogravity: " << app::one_line(message) << '\n';
    return answer->status == 503 ? exit_code::unreachable : exit_code::failed;
  }
  auto shown = app::object_in(*answer, request.url);
  if (!shown || app::text_member(*shown, "object") != kind) {
    std::cerr << "zerogravity: " << (shown ? app::not_the_service(request.url, "it sends no usage") : shown.error()).why
              << '\n';
    return exit_code::unreachable;
  }
  return shown_answer{std::move(answer->body), std::move(*shown)};
}

void print_json(const std::string& body) {
  std::cout << (::isatty(STDOUT_FILENO) == 1 ? app::flowing_text(body) : body) << '\n';
}

void print_notice(const boost::json::object& shown) {
  if (const auto notice = app::text_member(shown, "notice"); !notice.empty())
    std::cerr << "zerogravity: " << app::one_line(notice) << '\n';
}

/// The ledger against itself. One request corrects for a limited time.
boost::system::result<shown_answer, exit_code> verify_ledger(const app::usage_command& asked,
                                                             app::service_request request) {
  request.target = app::verification_target(asked);
  if (asked.apply) request.body = "{}";
  std::int64_t corrected = 0;
  for (;;) {
    auto found = ask(request, "usage.verification");
    if (!found) return found;
    const auto now = app::number_member(found->object, "corrected");
    corrected += now;
    if (now != 0 && app::truth_member(found->object, "has_more")) continue;
    if (corrected != now) {
      found->object["corrected"] = corrected;
      found->body = boost::json::serialize(found->object);
    }
    return found;
  }
}

exit_code show_verification(const app::usage_command& asked, app::service_request request) {
  request.target = app::usage_target(asked);
  request.limit = verify_limit;
  const auto compared = ask(request, "usage.reconciliation");
  if (!compared) return compared.error();
  std::optional<shown_answer> ledger;
  if (asked.conversation.empty()) {
    auto found = verify_ledger(asked, request);
    if (!found) return found.error();
    ledger = std::move(*found);
  }
  if (!asked.json) {
    std::cout << app::reconciliation_text(compared->object);
    if (ledger) std::cout << app::verification_text(ledger->object);
  } else if (ledger) {
    // As the service has sent them, whatever this program makes of them.
    print_json(compared->body.substr(0, compared->body.rfind('}')) + ",\"ledger\":" + ledger->body + '}');
  } else {
    print_json(compared->body);
  }
  print_notice(compared->object);
  const bool good = app::reconciled(compared->object) && (!ledger || app::verified(ledger->object));
  return good ? exit_code::ok : exit_code::failed;
}

exit_code show_usage(const app::usage_command& asked, const app::config& values) {
  const app::service_request request{.url = asked.url.empty() ? app::service_url(values) : asked.url,
                                     .target = app::usage_target(asked),
                                     .key = app::key_for(values)};
  if (asked.verify) return show_verification(asked, request);
  const auto usage = ask(request, asked.limits ? "list" : "usage");
  if (!usage) return usage.error();
  if (asked.json) {
    print_json(usage->body);
  } else {
    std::cout << (asked.limits ? limits_now : app::usage_table)(usage->object);
  }
  print_notice(usage->object);
  return exit_code::ok;
}

exit_code on_ca(app::ca_command::action_of action, const app::config& values) {
  const app::ca_request request{values.state_dir, values.mitm.bundle_file, values.mitm.system_ca_file,
                                values.mitm.upstream_ca_file, app::watched_hosts(values)};
  const app::ca_output to{std::cout, std::cerr};
  const auto now = std::chrono::system_clock::now();
  using enum app::ca_command::action_of;
  int code = app::ca_failed;
  switch (action) {
    case show:
      code = app::ca_show(request, to);
      break;
    case path:
      code = app::ca_path(request, to);
      break;
    case bundle:
      code = app::ca_bundle(request, to, now);
      break;
    case env:
      code = app::ca_env(request, to);
      break;
    case rotate:
      code = app::ca_rotate(request, to, now);
      break;
  }
  return code == app::ca_done ? exit_code::ok : exit_code::bad_state;
}

// `serve` takes its signals itself, also those that come while it is being loaded (signal_watch). This runs before any
// constructor, those of the libraries among them, and is the first instruction of ours that there is: what comes
// earlier, while the dynamic loader works, ends the process as it ends any other (143). Bare system calls: nothing is
// set up yet.
struct held_signals {
  std::uint64_t before = 0;
  bool held = false;
};
constinit held_signals early;

void hold_signals(int count, char** words, char**) {
  std::uint64_t wanted = 0;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) wanted |= std::uint64_t{1} << (number - 1);
  for (int i = 1; i < count && !early.held; ++i) early.held = std::strcmp(words[i], "serve") == 0;
  if (!early.held) return;
  ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &wanted, &early.before, sizeof wanted);
  // A standard stream that was closed when we were started would become a library's descriptor or the ledger's, and be
  // printed to.
  for (int each = STDIN_FILENO; each <= STDERR_FILENO; ++each) {
    if (::syscall(SYS_fcntl, each, F_GETFD) < 0) ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
  }
}

using initializer = void (*)(int, char**, char**);
[[gnu::used, gnu::retain, gnu::section(".preinit_array")]] const initializer first_of_all = hold_signals;

/// The word was another command's.
void release_signals() {
  if (early.held) ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &early.before, nullptr, sizeof early.before);
}

struct runner {
  const app::config_request& request;

  exit_code operator()(const app::serve_command&) const { return app::serve(request); }

  exit_code operator()(const app::run_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) {
      auto wanted = asked;
      const auto origin = loaded.origins.find("mitm.bundle_file");
      wanted.named_bundle = origin != loaded.origins.end() && origin->second.starts_with("--");
      return app::run_watched(wanted, loaded.values);
    });
  }

  exit_code operator()(const app::attach_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) { return app::attach(asked, loaded.values, std::cout); });
  }

  exit_code operator()(const app::doctor_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) { return app::doctor(asked, loaded); });
  }

  exit_code operator()(const app::version_command&) const {
    std::cout << "zerogravity " ZEROGRAVITY_VERSION "\n";
    return exit_code::ok;
  }

  exit_code operator()(const app::check_config_command& asked) const {
    if (asked.reference) {
      std::cout << app::config_reference();
      return exit_code::ok;
    }
    return with_config([&](const app::loaded_config& loaded) {
      const app::check_config_output to{std::cout, std::cerr};
      return asked.explain.empty() ? app::print_config(loaded, to) : app::explain_request(loaded, asked.explain, to);
    });
  }

  exit_code operator()(const app::usage_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) { return show_usage(asked, loaded.values); });
  }

  exit_code operator()(const app::cascade_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) {
      return app::run_cascade(asked, asked.url.empty() ? app::service_url(loaded.values) : asked.url,
                              app::key_for(loaded.values),
                              {std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1, ::isatty(STDERR_FILENO) == 1});
    });
  }

  exit_code operator()(const app::ca_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) { return on_ca(asked.action, loaded.values); });
  }

  exit_code operator()(const app::ledger_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) {
      return app::run_ledger_command(asked, loaded.values, {std::cout, std::cerr}, std::chrono::system_clock::now());
    });
  }

  exit_code operator()(const app::key_command& asked) const {
    return with_config([&](const app::loaded_config& loaded) {
      return app::run_key_command(asked, loaded.values, {std::cout, std::cerr});
    });
  }

  template <class Work>
  exit_code with_config(Work work) const {
    const auto loaded = app::load_config(request);
    return loaded ? work(*loaded) : print_errors(loaded.error());
  }
};

}  // namespace

int main(int count, char** words) {
  net::leave_last_words();
  net::keep_openssl_until_exit();
  const auto parsed = app::parse_command_line({words + 1, words + count});
  if (!parsed || !std::holds_alternative<app::serve_command>(parsed->what)) release_signals();
  if (!parsed) {
    (parsed.error().code == exit_code::ok ? std::cout : std::cerr) << parsed.error().text;
    return static_cast<int>(parsed.error().code);
  }
  const app::config_request request{parsed->config_file, app::process_environment(), parsed->settings,
                                    ::geteuid() == 0};
  return static_cast<int>(std::visit(runner{request}, parsed->what));
}
