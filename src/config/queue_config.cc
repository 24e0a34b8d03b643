#include "config/queue_config.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "config/config.h"

namespace sluice {
namespace {

constexpr std::size_t kQueuesMax = 100, kNameMax = 63;
constexpr std::int64_t kRunsMax = 1'000'000;
constexpr const char* kNameRule = "a name of letters, digits, \"_\", \"-\" and \".\", at most 63, that begins with a letter or digit";

const YamlNode* section(const YamlNode& node, std::string_view key) {
  const YamlNode* found = node.find(key);
  return found == nullptr || found->kind == YamlNode::Kind::null ? nullptr : found;
}

Result<> read_count(const ConfigSource& source, const YamlNode& node, const std::string& key, std::int64_t most, std::int64_t& out) {
  const YamlNode* value = node.find(key);
  if (value == nullptr) return {};
  TRY(out, amount_at(source, *value, key, whole_number, false));
  if (out >= 1 && out <= most) return {};
  return wrong_type(source, *value, key, "a whole number from 1 to " + std::to_string(most));
}

Result<QueueConfig> read_queue(const ConfigSource& source, const std::string& name, const YamlNode& node) {
  const std::string where = "queue \"" + show_hidden(name.substr(0, kNameMax), false) + "\"";
  if (!is_queue_name(name)) return wrong_type(source, node, where, kNameRule);
  QueueConfig queue{.name = name};
  if (node.kind == YamlNode::Kind::null) return queue;
  TRY_VOID(known_keys(source, node, where, {"running_max", "tenant_running_max", "starts_max", "starts_per"}));
  TRY_VOID(read_count(source, node, "running_max", kRunsMax, queue.running_max));
  TRY_VOID(read_count(source, node, "tenant_running_max", kRunsMax, queue.tenant_running_max));
  TRY_VOID(read_count(source, node, "starts_max", kRunsMax, queue.starts_max));
  if (const YamlNode* value = node.find("starts_per")) {
    TRY(queue.starts_per_seconds, amount_at(source, *value, "starts_per", seconds_with_unit, true));
  }
  if ((queue.starts_max > 0) == (queue.starts_per_seconds > 0)) return queue;
  const std::string missing = queue.starts_max > 0 ? "starts_per" : "starts_max";
  return at_line(source, node, "E0704", where + " lacks \"" + missing + "\"", "say both, for example: starts_max: 100, starts_per: 1m");
}

Result<> read_worker(const ConfigSource& source, const YamlNode& node, WorkerConfig& out) {
  TRY_VOID(known_keys(source, node, "worker", {"queues", "concurrency", "drain"}));
  if (const YamlNode* queues = node.find("queues")) {
    if (queues->kind != YamlNode::Kind::list || queues->items.empty() || queues->items.size() > kQueuesMax)
      return wrong_type(source, *queues, "queues", "a list of 1 to " + std::to_string(kQueuesMax) + " queues");
    for (const YamlNode& item : queues->items) {
      TRY(std::string name, text_at(source, item, "queues"));
      if (!is_queue_name(name)) return wrong_type(source, item, "each of queues", kNameRule);
      if (std::ranges::find(out.queues, name) != out.queues.end()) return wrong_type(source, item, "each of queues", "another one");
      out.queues.push_back(std::move(name));
    }
  }
  TRY_VOID(read_count(source, node, "concurrency", kWorkerConcurrencyMax, out.concurrency));
  if (const YamlNode* value = node.find("drain")) {
    TRY(out.drain_seconds, amount_at(source, *value, "drain", seconds_with_unit, true));
  }
  return {};
}

}  // namespace

bool is_queue_name(std::string_view name) {
  const auto inside = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= kNameMax && std::isalnum(static_cast<unsigned char>(name.front())) != 0 && std::ranges::all_of(name, inside);
}

Result<> read_queues(const ConfigSource& source, const YamlNode& root, Config& config) {
  if (const YamlNode* queues = section(root, "queues")) {
    if (queues->kind != YamlNode::Kind::map || queues->members.size() > kQueuesMax)
      return wrong_type(source, *queues, "queues", "a map from names to at most " + std::to_string(kQueuesMax) + " queues");
    for (const auto& [name, node] : queues->members) {
      TRY(QueueConfig queue, read_queue(source, name, node));
      config.queues.push_back(std::move(queue));
    }
  }
  if (const YamlNode* worker = section(root, "worker")) TRY_VOID(read_worker(source, *worker, config.worker));
  return {};
}

}  // namespace sluice
