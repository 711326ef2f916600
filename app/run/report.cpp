#include "app/run/report.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "app/client/usage_table.hpp"
#include "net/text/utf8.hpp"

namespace app::run {
namespace {

namespace json = boost::json;

std::int64_t unix_ms(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// It comes from the wire, or from a file's name.
std::string printable(const std::string& text) {
  return net::utf8::printable(text, std::string::npos);
}

std::string past_proxy_text(const run_facts& facts) {
  if (facts.past_proxy.empty()) return {};
  std::string text;
  for (const auto& each : facts.past_proxy) {
    text += (text.empty() ? "" : ", ") + each.executable + " (to " + each.address + " port 443)";
  }
  return "Connected past the proxy, unwatched: " + text + ".\n";
}

json::array listed(const std::vector<passed_host>& hosts) {
  json::array list;
  for (const auto& each : hosts) {
    list.push_back({{"host", each.host.empty() ? json::value(nullptr) : json::value(printable(each.host))},
                    {"connections", each.connections},
                    {"bytes", each.bytes},
                    {"reason", printable(each.reason)}});
  }
  return list;
}

json::array listed(const std::vector<direct_program>& programs) {
  json::array list;
  for (const auto& each : programs) {
    list.push_back({{"executable", printable(each.executable)}, {"address", each.address}});
  }
  return list;
}

}  // namespace

void say(const std::string& line) {
  std::fprintf(stderr, "zerogravity: %s\n", line.c_str());
}

std::string report_text(const run_facts& facts, const json::object& usage) {
  auto shown = usage;
  shown.erase("processes");  // the terminal shows no table of processes
  std::string text = "\n" + usage_table_of_run(shown) + passed_hosts_text(facts.unwatched) + past_proxy_text(facts);
  if (facts.still_running != 0) {
    text += "Still running: " + std::to_string(facts.still_running) +
            " processes that the command left. They stay watched, and the ledger has what they spend.\n";
  }
  return text;
}

json::object report_document(const run_facts& facts, json::object usage) {
  json::array words;
  for (const auto& word : facts.asked.words) words.emplace_back(word);
  usage["object"] = "run";
  usage["command"] = std::move(words);
  usage["exit_status"] = facts.status;
  usage["started_at_ms"] = unix_ms(facts.began_at);
  usage["duration_ms"] = unix_ms(facts.ended_at) - unix_ms(facts.began_at);
  usage["mode"] = facts.mode == run_mode::proxy ? "proxy" : "network";
  usage["max_tokens"] = facts.asked.max_tokens ? json::value(*facts.asked.max_tokens) : json::value(nullptr);
  usage["over_budget"] = facts.over_budget;
  usage["still_running"] = facts.still_running;
  usage["unwatched"] = listed(facts.unwatched);
  usage["past_proxy"] = listed(facts.past_proxy);
  return usage;
}

bool write_report(const run_facts& facts, const json::object& usage) {
  std::ofstream file(facts.asked.json, std::ios::trunc);
  file << json::serialize(report_document(facts, usage)) << '\n';
  file.close();
  if (file) return true;
  say("cannot write " + facts.asked.json.string() + ": " + std::strerror(errno));
  return false;
}

}  // namespace app::run
