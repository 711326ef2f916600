#include "app/doctor/doctor.hpp"

#include <algorithm>
#include <iostream>

#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/base/json_members.hpp"
#include "app/base/program_place.hpp"
#include "app/base/terminal_text.hpp"
#include "app/client/service_client.hpp"
#include "app/doctor/doctor_checks.hpp"
#include "app/doctor/doctor_language_server.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "app/ledger_api/readiness.hpp"
#include "app/linux/cgroup.hpp"

namespace app {
namespace {

namespace json = boost::json;
using enum finding::state_of;

constexpr std::size_t longest_detail = 4096;  // bytes shown of a finding

std::string_view word_of(finding::state_of state) {
  switch (state) {
    case works:
      return "ok";
    case absent:
      return "absent";
    case broken:
      return "broken";
  }
  return "";
}

bool is_readiness(const service_answer& answer) {
  boost::system::error_code error;
  const auto document = json::parse(answer.body, error);
  return !error && document.is_object() && document.get_object().contains("dependencies");
}

/// What answers at the service's address. One that wants another key is the service, too; a stranger is not.
struct service_look {
  std::optional<service_answer> answer;
  std::string stranger;  // who it is not
};

service_look ask_service(const config& values) {
  const auto answer = fetch({.url = service_url(values),
                             .target = "/readyz",
                             .key = key_for(values),
                             .limit = std::chrono::milliseconds(3000)});
  if (!answer) return {};
  if (is_readiness(*answer) || !error_message(*answer).empty()) return {*answer, {}};
  return {{}, not_the_service(service_url(values), "it does not say whether it is ready").why};
}

/// What /readyz lists; empty where the answer is not that.
std::vector<dependency> dependencies_in(const service_answer& answer) {
  boost::system::error_code error;
  const auto document = json::parse(answer.body, error);
  if (error || !document.is_object()) return {};
  std::vector<dependency> all;
  for (const auto& each : array_member(document.get_object(), "dependencies")) {
    if (!each.is_object()) continue;
    const auto& one = each.get_object();
    const auto status = text_member(one, "status");
    all.push_back({one_line(text_member(one, "name")), status == "ok" || status == "warning",
                   one_line(text_member(one, "reason"), longest_detail), status == "warning"});
  }
  return all;
}

std::vector<finding> look_at_service(const config& values, const std::optional<service_answer>& answer) {
  if (!answer) {
    const auto script = script_to_type("run");
    return {{"service", absent, "no service answers at " + service_url(values),
             script.empty() ? "zerogravity serve" : "sudo " + script}};
  }
  const std::string next = curl_words(service_url(values), "/readyz");
  const bool ready = answer->status == 200;
  std::vector<finding> all{{"service", ready ? works : broken,
                            (ready ? "ready at " : "not ready at ") + service_url(values), ready ? "" : next}};
  for (const auto& each : dependencies_in(*answer)) {
    all.push_back({"service, " + each.name, each.ok ? works : broken, each.reason, each.ok ? "" : next});
  }
  return all;
}

void add(std::vector<finding>& findings, std::vector<finding> more) {
  std::ranges::move(more, std::back_inserter(findings));
}

/// eBPF leaves no rule to find: the service itself says which cgroup it redirects.
std::filesystem::path cgroup_of_service(const service_answer& answer) {
  for (const auto& each : dependencies_in(answer)) {
    if (each.name != "redirect" || !each.ok) continue;
    const auto begin = each.reason.find(" /");
    const auto end = each.reason.rfind(" (");
    if (begin == std::string::npos || end == std::string::npos || end < begin + 2) continue;
    const auto path = each.reason.substr(begin + 2, end - begin - 2);
    if (path.find("..") == std::string::npos) return scope::cgroup_root() / path;
  }
  return {};
}

std::vector<finding> try_service(const config& values, const service_answer& answer) {
  auto found = find_redirects();
  if (!found.readable) {
    return {{"redirect", broken, "only root may see whether it is installed, and make an exchange through it",
             "sudo zerogravity doctor"}};
  }
  if (const auto own = cgroup_of_service(answer); found.cgroups.empty() && !own.empty()) found.cgroups.push_back(own);
  if (found.uids.empty() && found.cgroups.empty()) {
    return {{"redirect", broken, "none is installed: nothing comes to the service",
             script_to_type("mitm-redirect.sh").empty() ? "sudo zerogravity serve --scope cgroup --pid PID"
                                                        : how_to_redirect_user()}};
  }
  std::vector<finding> all{{"redirect", works,
                            std::to_string(found.uids.size()) + " users and " + std::to_string(found.cgroups.size()) +
                                " cgroups are redirected",
                            ""}};
  for (const auto& uid : found.uids) all.push_back(probe_service(values, {uid, {}}));
  for (const auto& cgroup : found.cgroups) all.push_back(probe_service(values, {{}, cgroup}));
  return all;
}

/// The command that shows who listens.
std::string who_listens(const api_addresses& addresses) {
  if (addresses.tcp.empty()) return "ss -lxp";
  return "ss -ltnp 'sport = :" + std::to_string(addresses.tcp.front().port()) + "'";
}

diagnosis examine(const loaded_config& loaded) {
  const config& values = loaded.values;
  const auto [answer, stranger] = ask_service(values);
  // A user who can only use `run` need not know what a service needs.
  const bool for_service = answer.has_value() || ::geteuid() == 0;
  diagnosis found{answer ? "service" : "run", {}};
  found.findings.push_back({"configuration", works, loaded.file.empty() ? "defaults" : loaded.file.string(), ""});
  add(found.findings, look_at_namespaces());
  add(found.findings, look_at_upstream_proxy(values));
  if (for_service) found.findings.push_back(look_at_redirects());
  if (for_service) found.findings.push_back(look_at_cgroups());
  found.findings.push_back(look_at_clock());
  add(found.findings, look_at_ca(values, answer.has_value()));
  found.findings.push_back(look_at_disk(values));
  if (!stranger.empty()) {
    found.findings.push_back({"service", absent, stranger, who_listens(values.api.listen)});
  } else if (for_service) {
    add(found.findings, look_at_service(values, answer));
  }
  if (for_service) add(found.findings, look_at_ports(values, answer.has_value()));
  add(found.findings, look_at_language_servers(values));
  if (answer) {
    add(found.findings, try_service(values, *answer));
  } else {
    found.findings.push_back(probe_run(loaded));
  }
  return found;
}

}  // namespace

bool diagnosis::works() const {
  return std::ranges::none_of(findings, [](const finding& each) { return each.state == broken; });
}

std::string to_text(const diagnosis& found) {
  std::string text;
  for (const auto& each : found.findings) {
    std::string word(word_of(each.state));
    word.resize(8, ' ');
    text += word + each.topic + ": " + one_line(each.detail, longest_detail) + '\n';
    if (!each.next.empty()) text += "          next: " + one_line(each.next, longest_detail) + '\n';
  }
  text +=
      found.works() ? "Interception works (" + found.way + ").\n" : "Interception does not work (" + found.way + ").\n";
  return text;
}

json::object to_json(const diagnosis& found) {
  json::array listed;
  for (const auto& each : found.findings) {
    listed.push_back({{"topic", each.topic},
                      {"state", word_of(each.state)},
                      {"detail", each.detail},
                      {"next", each.next.empty() ? json::value(nullptr) : json::value(each.next)}});
  }
  return {{"object", "diagnosis"}, {"way", found.way}, {"works", found.works()}, {"findings", std::move(listed)}};
}

exit_code doctor(const doctor_command& asked, const loaded_config& loaded) {
  if (asked.probe.size() == 3) {
    return run_probe_client(asked.probe[0], asked.probe[1], asked.probe[2]) == 0 ? exit_code::ok : exit_code::failed;
  }
  const auto found = examine(loaded);
  std::cout << (asked.json ? json::serialize(to_json(found)) + "\n" : to_text(found));
  return found.works() ? exit_code::ok : exit_code::failed;
}

}  // namespace app
