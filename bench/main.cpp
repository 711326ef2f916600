#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include "bench/findings.hpp"
#include "bench/push/push_bench.hpp"

// zerogravity-bench: what zerogravity costs on this machine. Each subcommand measures one thing and says the units.

namespace {

using bench::findings;

void add_push(CLI::App& app, std::function<findings()>& chosen) {
  auto options = std::make_shared<bench::push_options>();
  auto* command = app.add_subcommand("push", "A language server's Write to our resumed coroutine; what is buffered");
  command->add_option("--streams", options->streams, "how many subscriptions at once")->delimiter(',');
  command->add_option("--rate", options->events_per_second, "updates per second, all streams together");
  command->add_option("--threads", options->threads);
  command->add_option_function<unsigned>(
      "--milliseconds", [options](unsigned time) { options->time = std::chrono::milliseconds(time); },
      "for each number of streams");
  command->callback([&chosen, options] { chosen = [options] { return measure_push(*options); }; });
}

void add_diffs(CLI::App& app, std::function<findings()>& chosen) {
  auto options = std::make_shared<bench::diffs_options>();
  auto* command = app.add_subcommand("diffs", "One turn of very many small diffs: linear, or not");
  command->add_option("--diffs", options->diffs)->check(CLI::Range(100u, 100'000'000u));
  command->callback([&chosen, options] { chosen = [options] { return measure_diffs(*options); }; });
}

void add_cascades(CLI::App& app, std::function<findings()>& chosen) {
  auto options = std::make_shared<bench::cascades_options>();
  auto* command = app.add_subcommand("cascades", "Memory of many followed cascades with long transcripts");
  command->add_option("--cascades", options->cascades)->check(CLI::Range(1u, 100'000u));
  command->add_option("--transcript", options->transcript_bytes, "bytes of each");
  command->add_option("--records", options->records, "that each is told after its snapshot");
  command->add_option("--threads", options->threads);
  command->callback([&chosen, options] { chosen = [options] { return measure_cascades(*options); }; });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what zerogravity costs on this machine");
  app.require_subcommand(1);
  bool json = false;
  app.add_flag("--json", json, "findings as JSON on standard output");
  app.fallthrough();
  std::function<findings()> chosen;
  add_push(app, chosen);
  add_diffs(app, chosen);
  add_cascades(app, chosen);
  CLI11_PARSE(app, argc, argv);
  try {
    const findings found = chosen();
    if (json) {
      std::printf("%s\n", boost::json::serialize(to_json(found)).c_str());
    } else {
      print(found, stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "zerogravity-bench: %s\n", error.what());
    return 1;
  }
}
