#include "app/commands/attach_command.hpp"

#include <chrono>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/base/json_members.hpp"
#include "app/base/program_place.hpp"
#include "app/base/terminal_text.hpp"
#include "app/client/service_client.hpp"
#include "cascade/process/discovery_proc.hpp"

namespace app {
namespace {

namespace json = boost::json;

// A local service answers at once. One that takes longer hangs.
constexpr std::chrono::milliseconds service_limit{1000};

std::string command_for(const cascade::found_server& server, listing how) {
  const std::string whom = " --pid " + std::to_string(server.pid);
  if (!how.service_runs) return "sudo zerogravity serve --scope cgroup" + whom;
  if (!how.script.empty()) return "sudo " + how.script + " install" + whom;
  return "sudo zerogravity serve --scope cgroup" + whom + "  # instead of the running service";
}

json::object object_of(const cascade::found_server& server, listing how) {
  json::array ports(server.ports.begin(), server.ports.end());
  return {
      {"object", "language_server"},
      {"pid", server.pid},
      {"uid", server.owner},
      {"program", one_line(server.program)},
      {"workspace", server.workspace_id.empty() ? json::value(nullptr) : json::value(one_line(server.workspace_id))},
      {"ports", std::move(ports)},
      {"command", command_for(server, how)}};
}

void describe(const cascade::found_server& server, listing how, std::ostream& out) {
  out << one_line(server.program) << " (process " << server.pid << ", uid " << server.owner;
  if (!server.workspace_id.empty()) out << ", workspace " << one_line(server.workspace_id);
  out << ")\n  " << command_for(server, how) << '\n';
}

}  // namespace

void list_servers(std::span<const cascade::found_server> servers, listing how, std::ostream& out) {
  for (const auto& each : servers) {
    if (how.json) {
      out << json::serialize(object_of(each, how)) << '\n';
    } else {
      describe(each, how, out);
    }
  }
}

exit_code attach(const attach_command& asked, const config& values, std::ostream& out) {
  const auto found = cascade::find_servers("/proc", values.language_server.workspace_id);
  const auto answer = fetch({.url = service_url(values), .target = "/healthz", .key = {}, .limit = service_limit});
  const auto health = answer ? object_in(*answer, service_url(values)) : answer.error();
  const bool service_runs = health && text_member(*health, "status") == "ok";
  list_servers(found, {asked.json, service_runs, script_to_type("mitm-redirect.sh")}, out);
  if (!found.empty()) return exit_code::ok;
  if (!asked.json) out << "No running language server was found. Only root can see those of all users.\n";
  return exit_code::failed;
}

}  // namespace app
