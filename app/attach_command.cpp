#include "app/attach_command.hpp"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "cascade/discovery_proc.hpp"

namespace app {
namespace {

namespace json = boost::json;

std::string command_for(const cascade::found_server& server) {
  return "sudo scripts/mitm-redirect.sh install --pid " + std::to_string(server.pid);
}

json::object object_of(const cascade::found_server& server) {
  json::array ports(server.ports.begin(), server.ports.end());
  return {{"object", "language_server"},
          {"pid", server.pid},
          {"uid", server.owner},
          {"program", server.program},
          {"workspace", server.workspace_id.empty() ? json::value(nullptr) : json::value(server.workspace_id)},
          {"ports", std::move(ports)},
          {"command", command_for(server)}};
}

void describe(const cascade::found_server& server, std::ostream& out) {
  out << server.program << " (process " << server.pid << ", uid " << server.owner;
  if (!server.workspace_id.empty()) out << ", workspace " << server.workspace_id;
  out << ")\n  " << command_for(server) << '\n';
}

}  // namespace

void list_servers(std::span<const cascade::found_server> servers, bool as_json, std::ostream& out) {
  for (const auto& each : servers) {
    if (as_json) {
      out << json::serialize(object_of(each)) << '\n';
    } else {
      describe(each, out);
    }
  }
}

exit_code attach(const attach_command& asked, const config& values, std::ostream& out) {
  const auto found = cascade::find_servers("/proc", values.language_server.workspace_id);
  list_servers(found, asked.json, out);
  if (!found.empty()) return exit_code::ok;
  if (!asked.json) out << "No language server runs, as far as this user can see (root sees those of all users).\n";
  return exit_code::failed;
}

}  // namespace app
