#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <spdlog/fmt/fmt.h>
#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include "bench/api/api_bench.hpp"
#include "bench/common/comparison.hpp"
#include "bench/common/findings.hpp"
#include "bench/common/page.hpp"
#include "bench/intercept/crowd_bench.hpp"
#include "bench/intercept/intercept_bench.hpp"
#include "bench/push/push_bench.hpp"
#include "bench/reports/reports_bench.hpp"
#include "bench/run_bench.hpp"
#include "bench/serve_bench.hpp"
#include "net/openssl_exit.hpp"

// zerogravity-bench: measures what zerogravity costs on this machine. Each subcommand measures one thing, and prints
// the units.

namespace {

using bench::findings;

/// The result of a bench, ready to be written.
struct written {
  std::function<void()> print;
  boost::json::object json;
};
using run = std::function<written()>;

written write_down(findings found) {
  auto json = to_json(found);
  return {[found = std::move(found)] { print(found, stdout); }, std::move(json)};
}

/// The path of zerogravity, in the directory of this program.
std::string beside(const char* name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

void add_push(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::push_options>();
  auto* command = app.add_subcommand("push", "A language server's Write to our resumed coroutine; what is buffered");
  command->add_option("--streams", options->streams, "how many subscriptions at once")->delimiter(',');
  command->add_option("--rate", options->events_per_second, "updates per second, all streams together");
  command->add_option("--threads", options->threads);
  command->add_option_function<unsigned>(
      "--milliseconds", [options](unsigned time) { options->time = std::chrono::milliseconds(time); },
      "for each number of streams");
  command->callback([&chosen, options] { chosen = [options] { return write_down(measure_push(*options)); }; });
}

void add_diffs(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::diffs_options>();
  auto* command = app.add_subcommand("diffs", "One turn of very many small diffs: linear, or not");
  command->add_option("--diffs", options->diffs)->check(CLI::Range(100u, 100'000'000u));
  command->callback([&chosen, options] { chosen = [options] { return write_down(measure_diffs(*options)); }; });
}

void add_cascades(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::cascades_options>();
  auto* command = app.add_subcommand("cascades", "Memory of many followed cascades with long transcripts");
  command->add_option("--cascades", options->cascades)->check(CLI::Range(1u, 100'000u));
  command->add_option("--transcript", options->transcript_bytes, "bytes of each");
  command->add_option("--records", options->records, "that each is told after its snapshot");
  command->add_option("--threads", options->threads);
  command->callback([&chosen, options] { chosen = [options] { return write_down(measure_cascades(*options)); }; });
}

void add_serve(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::serve_options>();
  options->zerogravity = beside("zerogravity");
  auto* command = app.add_subcommand("serve", "Start to ready, and memory when idle");
  command->add_option("--zerogravity", options->zerogravity, "the program");
  command->add_option("--starts", options->starts)->check(CLI::Range(1u, 10'000u));
  command->callback([&chosen, options] { chosen = [options] { return write_down(measure_serve(*options)); }; });
}

void add_reports(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::reports_options>();
  auto* command = app.add_subcommand("reports", "What a report on usage takes on a large ledger, by range and group");
  command->add_option("--ledger", options->file, "file of it; made if it is missing, and kept");
  command->add_option("--rows", options->ledger.rows)->check(CLI::Range(1u, 10'000'000u));
  command->add_option("--apart", options->ledger.seconds_apart, "seconds from row to row")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--conversations", options->ledger.conversations, "that go on at once")
      ->check(CLI::Range(1u, 10'000'000u));
  command->callback([&chosen, options] { chosen = [options] { return write_down(measure_reports(*options)); }; });
}

std::string how_measured(const bench::turns& how, std::chrono::milliseconds time) {
  return fmt::format("All of it on the same {} cores; {} rounds in turns, {} ms for each measurement.",
                     std::thread::hardware_concurrency(), how.rounds, time.count());
}

/// The options of every comparison of contestants.
struct contest {
  std::string title;
  std::string told;  // how it was measured
  std::string yardstick;
  std::string page;
};

std::shared_ptr<contest> add_contest(CLI::App& command, bench::turns& how, std::chrono::milliseconds& time,
                                     contest begin) {
  auto out = std::make_shared<contest>(std::move(begin));
  command.add_option("--rounds", how.rounds)->check(CLI::Range(1u, 1000u));
  command.add_option_function<unsigned>(
      "--milliseconds", [&time](unsigned wanted) { time = std::chrono::milliseconds(wanted); },
      "that one measurement takes");
  command.add_option("--only", how.only, "measures whose names hold one of these")->delimiter(',');
  command.add_option("--without", how.without, "contestants to leave out")->delimiter(',');
  command.add_option("--yardstick", out->yardstick, "the contestant that the others are compared to");
  command.add_option("--html", out->page, "file for a page with the table and the distributions");
  how.progress = ::isatty(STDERR_FILENO) == 1;
  return out;
}

written write_down(const std::string& bench, bench::comparison found, const contest& of, const std::string& how) {
  auto json = to_json(found);
  json["bench"] = bench;
  if (!of.page.empty()) std::ofstream(of.page) << page_of(of.title, found, of.yardstick, of.told + " " + how);
  return {[found = std::move(found), yardstick = of.yardstick] { print(found, yardstick, stdout); }, std::move(json)};
}

void add_intercept(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::intercept_options>();
  options->stage.zerogravity = beside("zerogravity");
  auto peers = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("intercept", "Being intercepted, against not being it and against others (root)");
  command->add_option("--zerogravity", options->stage.zerogravity, "the program");
  command->add_option("--work", options->stage.work, "directory for certificates and logs, kept");
  command->add_option("--peer", *peers, "NAME=PORT=COMMAND of something else to measure; {work} is the directory");
  command->add_option("--threads", options->stage.threads, "of zerogravity; 0: its default");
  command->add_flag("--rules", options->stage.rules,
                    "Also with rules for another host, and with rules that match nothing");
  const auto of = add_contest(*command, options->how, options->time,
                              {"What it costs to be intercepted",
                               "Client, interceptor and origin, TLS on loopback, accounting on and durable.",
                               "floor",
                               {}});
  command->callback([&chosen, options, peers, of] {
    chosen = [options, peers, of] {
      for (const auto& text : *peers) options->stage.peers.push_back(bench::parse_peer(text));
      return write_down("intercept", measure_intercept(*options), *of, how_measured(options->how, options->time));
    };
  });
}

void add_crowd(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::crowd_options>();
  options->stage.zerogravity = beside("zerogravity");
  auto* command = app.add_subcommand("crowd", "Being intercepted while clients of the API do their worst (root)");
  command->add_option("--zerogravity", options->stage.zerogravity, "the program");
  command->add_option("--work", options->stage.work, "directory for certificates, ledger and logs, kept");
  command->add_option("--threads", options->stage.threads, "of zerogravity; 0: its default");
  command->add_option("--rows", options->rows, "of the ledger")->check(CLI::Range(1u, 10'000'000u));
  const auto of = add_contest(*command, options->how, options->time,
                              {"What clients of the API cost who is intercepted",
                               "Requests on kept connections, 1000 in a second, with and without load on the API.",
                               "quiet",
                               {}});
  command->callback([&chosen, options, of] {
    chosen = [options, of] {
      return write_down("crowd", measure_crowd(*options), *of, how_measured(options->how, options->time));
    };
  });
}

void add_run(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::run_options>();
  options->zerogravity = beside("zerogravity");
  auto* command = app.add_subcommand("run", "What `zerogravity run` adds to the start of a command");
  command->add_option("--zerogravity", options->zerogravity, "the program");
  const auto of = add_contest(*command, options->how, options->time,
                              {"What it costs to run a command with zerogravity",
                               "`true` and `date`, plain and by `zerogravity run`, with a state directory of its own.",
                               "plain",
                               {}});
  command->callback([&chosen, options, of] {
    chosen = [options, of] {
      return write_down("run", measure_run(*options), *of, how_measured(options->how, options->time));
    };
  });
}

void add_api(CLI::App& app, run& chosen) {
  auto options = std::make_shared<bench::api_options>();
  options->programs.zerogravity = beside("zerogravity");
  options->programs.simulator = beside("zerogravity-sim-language-server");
  auto* command = app.add_subcommand("api", "OpenAI client to service to language server, pushed and polled");
  command->add_option("--zerogravity", options->programs.zerogravity, "the program");
  command->add_option("--simulator", options->programs.simulator, "of the language server");
  command->add_option("--threads", options->programs.threads, "of zerogravity; 0: its default");
  command->add_option("--streams", options->streams, "how many chats at once")
      ->delimiter(',')
      ->check(CLI::Range(1u, 10'000u));
  const auto of = add_contest(
      *command, options->how, options->time,
      {"What it costs to drive a language server by OpenAI's API",
       "Client, service and a simulator of the language server. Direct: the same calls straight over gRPC. Poll: the "
       "same service with a language server that pushes nothing.",
       "direct",
       {}});
  command->callback([&chosen, options, of] {
    chosen = [options, of] {
      return write_down("api", measure_api(*options), *of, how_measured(options->how, options->time));
    };
  });
}

}  // namespace

int main(int argc, char** argv) {
  net::keep_openssl_until_exit();
  CLI::App app("Measures what zerogravity costs on this machine");
  app.require_subcommand(1);
  bool json = false;
  app.add_flag("--json", json, "findings as JSON on standard output");
  app.fallthrough();
  run chosen;
  add_push(app, chosen);
  add_diffs(app, chosen);
  add_cascades(app, chosen);
  add_serve(app, chosen);
  add_intercept(app, chosen);
  add_crowd(app, chosen);
  add_reports(app, chosen);
  add_api(app, chosen);
  add_run(app, chosen);
  CLI11_PARSE(app, argc, argv);
  try {
    const written found = chosen();
    if (json) {
      std::printf("%s\n", boost::json::serialize(found.json).c_str());
    } else {
      found.print();
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "zerogravity-bench: %s\n", error.what());
    return 1;
  }
}
