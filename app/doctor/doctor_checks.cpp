#include "app/doctor/doctor_checks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <sched.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/magic.h>
#include <boost/asio/io_context.hpp>

#include "app/accounting/clock_check.hpp"
#include "app/base/program_place.hpp"
#include "app/commands/ca_command.hpp"
#include "app/config/watched_hosts.hpp"
#include "app/doctor/doctor_trust.hpp"
#include "app/run/channel.hpp"
#include "app/run/command_process.hpp"
#include "app/run/run_config.hpp"
#include "app/scope/cgroup_redirect.hpp"
#include "mitm/ca/ca_certificate.hpp"
#include "mitm/ca/trust_bundle.hpp"
#include "mitm/policy/intercept_policy.hpp"
#include "mitm/upstream/upstream_proxy.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using enum finding::state_of;

constexpr std::uint64_t low_disk = 64ull << 20;  // bytes left; the write-ahead log of the ledger needs some

std::string content_of(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string kernel_setting(const char* name) {
  auto text = content_of(fs::path("/proc/sys") / name);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

/// What keeps ordinary users from namespaces, as far as the kernel's settings tell.
std::string how_to_allow_namespaces() {
  if (kernel_setting("user/max_user_namespaces") == "0") return "sudo sysctl -w user.max_user_namespaces=10000";
  if (kernel_setting("kernel/unprivileged_userns_clone") == "0")
    return "sudo sysctl -w kernel.unprivileged_userns_clone=1";
  if (kernel_setting("kernel/apparmor_restrict_unprivileged_userns") == "1") {
    return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  }
  return "zerogravity run --way proxy -- CMD";
}

std::string kernel_release() {
  utsname name{};
  ::uname(&name);
  return name.release;
}

/// Lets a command's process make its network and report, then tells it to give up.
std::optional<run::setup_report> try_network() {
  auto ends = run::channel::make();
  if (!ends) return std::nullopt;
  run::command_plan plan;
  plan.words = {"true"};
  sigemptyset(&plan.signals);
  const pid_t child = run::start_command(plan, ends->second, ends->first);
  if (child < 0) return std::nullopt;
  ends->second.close();
  std::vector<net::descriptor> handed_over;
  const auto report = ends->first.receive<run::setup_report>(&handed_over);
  ends->first.close();
  ::waitpid(child, nullptr, 0);
  return report;
}

bool can_execute(const char* program) {
  for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/"}) {
    if (::access((std::string(folder) + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string output_of(const char* command) {
  FILE* stream = ::popen(command, "r");
  if (stream == nullptr) return {};
  std::string text(1 << 16, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stream));
  ::pclose(stream);
  return text;
}

/// What follows `mark`, as far as the next space and without quotes; empty: the line has no mark.
std::string word_after(const std::string& line, std::string_view mark) {
  const auto address = line.find(mark);
  if (address == std::string::npos) return {};
  const auto begin = address + mark.size();
  auto word = line.substr(begin, line.find(' ', begin) - begin);
  std::erase(word, '"');
  return word;
}

/// The directory of the cgroup that a rule of nft or iptables matches, if it still exists.
fs::path cgroup_in(const std::string& line) {
  fs::path directory;
  if (const auto level = line.find("socket cgroupv2 level "); level != std::string::npos) {
    directory = fs::path("/sys/fs/cgroup") / word_after(line.substr(level), " \"");  // as nft finds it
  } else if (const auto path = word_after(line, "-m cgroup --path "); !path.empty()) {
    directory = scope::cgroup_root() / fs::path(path).relative_path();
  }
  std::error_code ignored;
  return fs::exists(directory / "cgroup.procs", ignored) ? directory : fs::path();
}

finding look_at_validity(const mitm::ca_certificate& ca, const config& values) {
  const auto now = std::chrono::system_clock::now();
  const auto days = std::chrono::duration_cast<std::chrono::days>(ca.not_after() - now).count();
  if (const auto invalid = validity_complaint({ca.not_before(), ca.not_after()}, now); !invalid.empty()) {
    return {"ca", broken, invalid, "zerogravity ca rotate"};
  }
  const auto policy = mitm::intercept_policy::make(watched_hosts(values));
  if (!policy) return {"ca", broken, policy.error().front().message, "zerogravity check-config"};
  const auto missing = ca.uncovered(policy->constraints());
  // What a newer version watches by default may wait; what the configuration asks for may not.
  const auto asked = mitm::intercept_policy::make(asked_hosts(values));
  const bool suffices = asked && ca.uncovered(asked->constraints()).empty();
  if (!missing.empty())
    return {"ca", suffices ? absent : broken, mitm::narrower_than_configured(missing), "zerogravity ca rotate"};
  return {"ca", works, ca.subject() + ", " + std::to_string(days) + " days left", ""};
}

/// Does the program that reads this variable trust us, started from here? Under `run` it does in any case.
std::string text_of(const endpoint& address) {
  std::ostringstream text;
  text << address;
  return text.str();
}

finding look_at_port(const endpoint& address, bool service_answers) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io);
  boost::system::error_code error;
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(1, error);
  const std::string topic = "port " + std::to_string(address.port());
  if (!error) return {topic, works, text_of(address) + " is free", ""};
  if (service_answers) return {topic, works, text_of(address) + " is in use, as it should be", ""};
  return {topic, absent, text_of(address) + ": " + error.message(),
          "ss -ltnp 'sport = :" + std::to_string(address.port()) + "'"};
}

}  // namespace

std::vector<finding> look_at_namespaces() {
  std::vector<finding> all{{"kernel", works, kernel_release(), ""}};
  const auto report = try_network();
  if (!report || report->failed_to[0] != '\0') {
    const std::string reason =
        report ? std::string("cannot ") + report->failed_to.data() + ": " + std::strerror(report->error)
               : "a process could not be started";
    all.push_back({"scope run", absent, "no network of its own for a command: " + reason, how_to_allow_namespaces()});
  } else if (report->capture == run::capture_kind::usual_ports) {
    all.push_back({"scope run", works, "only TCP ports 443, 80, 22 and 8443: this kernel has no nftables TPROXY",
                   "sudo modprobe nft_tproxy"});
  } else {
    all.push_back({"scope run", works, "any command of yours can have a network of its own", ""});
  }
  return all;
}

std::vector<finding> look_at_upstream_proxy(const config& values) {
  const std::string topic = "upstream proxy";
  if (const auto unseen = run::unseen_proxy(); !unseen.empty()) return {{topic, absent, unseen, ""}};
  const auto& configured = values.mitm.upstream_proxy;
  const auto url = run::values_for_run(values).mitm.upstream_proxy;
  const auto proxy = mitm::parse_upstream_proxy(url);
  if (url.empty() || proxy.has_error()) return {};
  const std::string named =
      proxy->name() + (configured.empty() ? ", as the environment says; a service needs mitm.upstream_proxy"
                                          : ", as mitm.upstream_proxy says");
  return {{topic, works, "origins are reached through " + named, ""}};
}

finding look_at_redirects() {
  const bool nft = can_execute("nft");
  const bool iptables = can_execute("iptables");
  if (!nft && !iptables) {
    return {"scope user", absent, "neither nft nor iptables is installed", "sudo apt-get install nftables"};
  }
  const std::string tool = nft ? "nft" : "iptables";
  if (::geteuid() != 0) return {"scope user", works, tool + " is there; installing a redirect needs root", ""};
  const bool allowed = nft ? std::system("nft list tables >/dev/null 2>&1") == 0
                           : std::system("iptables -w -t nat -S OUTPUT >/dev/null 2>&1") == 0;
  if (allowed) return {"scope user", works, tool + " works", ""};
  return {"scope user", absent, tool + " may not be used here (CAP_NET_ADMIN, or a kernel without it)", ""};
}

std::string how_to_redirect_user() {
  const auto script = script_to_type("mitm-redirect.sh");
  return script.empty() ? "zerogravity run -- CMD" : "sudo " + script + " install --user NAME";
}

finding look_at_cgroups() {
  const auto root = scope::cgroup_root().string();
  if (root.empty()) return {"scope cgroup", absent, "no cgroup v2 hierarchy is mounted", how_to_redirect_user()};
  const std::string place = "cgroup v2 at " + root;
  if (::geteuid() != 0) {
    return {"scope cgroup", works, place + "; only root may try to redirect one", "sudo zerogravity doctor"};
  }
  const auto nft = scope::try_backend(redirect_backend::nft);
  const auto ebpf = scope::try_backend(redirect_backend::ebpf);
  const std::string tried =
      place + "; nft: " + (nft ? "works" : nft.error().message) + "; ebpf: " + (ebpf ? "works" : ebpf.error().message);
  if (nft || ebpf) return {"scope cgroup", works, tried, ""};
  return {"scope cgroup", absent, tried, how_to_redirect_user()};
}

finding look_at_bundle(const fs::path& file, const std::string& pem) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    return {"bundle", absent, file.string() + " does not exist yet; the next start makes it", "zerogravity ca bundle"};
  }
  if (content_of(file).find(pem) != std::string::npos) return {"bundle", works, file.string(), ""};
  return {"bundle", broken, file.string() + " does not hold the CA", "zerogravity ca bundle"};
}

finding look_at_clock() {
  const auto now = std::chrono::system_clock::now();
  const auto wrong = clock_complaint(now);
  return {"clock", wrong.empty() ? works : broken, wrong.empty() ? mitm::to_iso_time(now) : wrong,
          wrong.empty() ? "" : "timedatectl set-ntp true"};
}

std::vector<finding> look_at_ca(const config& values, bool service_answers) {
  const auto files = mitm::ca_files::in(values.state_dir);
  std::error_code ignored;
  if (!fs::exists(files.certificate, ignored)) {
    return {{"ca", absent, files.certificate.string() + " does not exist yet; the first start makes it",
             "zerogravity ca bundle"}};
  }
  const auto ca = mitm::ca_certificate::load(files.certificate);
  if (!ca) return {{"ca", broken, ca.error().message, "zerogravity ca rotate"}};
  std::vector<finding> all{look_at_validity(*ca, values)};
  all.push_back(look_at_bundle(values.mitm.bundle_file, ca->pem()));
  for (const auto system : mitm::system_ca_files) {
    if (content_of(fs::path(system)).find(ca->pem()) == std::string::npos) continue;
    all.push_back({"trust of the system", works, std::string(system) + " holds the CA", ""});
  }
  // `run` sees to that for its command.
  if (!service_answers) return all;
  for (auto& each : look_at_runtimes(*ca, files.certificate, run::find_trust_places({})))
    all.push_back(std::move(each));
  return all;
}

finding look_at_disk(const config& values) {
  fs::path directory = values.ledger.file.parent_path();
  std::error_code ignored;
  while (!directory.empty() && !fs::exists(directory, ignored)) directory = directory.parent_path();
  struct statvfs room{};
  if (::access(directory.c_str(), W_OK) != 0 || ::statvfs(directory.c_str(), &room) != 0) {
    return {"disk", broken, directory.string() + ": " + std::strerror(errno), "ls -ld " + directory.string()};
  }
  const std::uint64_t left = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
  const std::string detail = std::to_string(left >> 20) + " MiB left in " + directory.string();
  if (left < low_disk) return {"disk", broken, detail, "df -h " + directory.string()};
  return {"disk", works, detail, ""};
}

std::vector<finding> look_at_ports(const config& values, bool service_answers) {
  std::vector<finding> all;
  for (const auto& address : values.api.listen.tcp) all.push_back(look_at_port(address, service_answers));
  for (const auto& address : values.mitm.listen) all.push_back(look_at_port(address, service_answers));
  return all;
}

installed_redirects find_redirects() {
  installed_redirects found;
  if (::geteuid() != 0) return found;
  found.readable = true;
  std::istringstream rules(output_of("nft list ruleset 2>/dev/null; iptables-save 2>/dev/null | grep -a ZEROGRAVITY"));
  for (std::string line; std::getline(rules, line);) {
    if (auto directory = cgroup_in(line); !directory.empty()) {
      if (std::ranges::find(found.cgroups, directory) == found.cgroups.end()) found.cgroups.push_back(directory);
      continue;
    }
    if (!line.starts_with("table inet zerogravity_") && !line.starts_with(":ZEROGRAVITY_")) continue;
    const auto name = word_after(line, "_");
    if (!name.starts_with("cg_") && std::ranges::find(found.uids, name) == found.uids.end()) found.uids.push_back(name);
  }
  return found;
}

}  // namespace app
