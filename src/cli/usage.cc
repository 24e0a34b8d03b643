#include "cli/usage.h"

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kShownMax = 60;

std::string quoted(const std::string& text) {
  return "\"" + show_hidden(text.substr(0, kShownMax), false) + (text.size() > kShownMax ? "…" : "") + "\"";
}

/// "sluice runs list".
std::string path_of(const CLI::App& app) {
  std::string path = app.get_name();
  for (const CLI::App* above = app.get_parent(); above != nullptr; above = above->get_parent()) path = above->get_name() + " " + path;
  return path;
}

std::string help_of(const CLI::App& app) { return "`" + path_of(app) + " --help` shows how it is used"; }

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string meant = nearest(word, candidates);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(sub->get_name());
  return names;
}

/// The first word that belongs to nothing.
Error unexpected(const CLI::App& app, const std::string& word) {
  const bool is_option = word.size() > 1 && word.front() == '-';
  if (is_option) {
    const std::string name = word.substr(0, word.find('='));
    const std::vector<std::string> known = option_names(app);
    if (std::find(known.begin(), known.end(), name) != known.end())
      return wrong_usage(quoted(name) + " stands before its command", "write it at the end: " + path_of(app) + " … " + name);
    return wrong_usage("`" + path_of(app) + "` has no option " + quoted(name) + did_you_mean(name, known), help_of(app));
  }
  const std::vector<std::string> commands = command_names(app);
  if (!commands.empty()) return wrong_usage("`" + path_of(app) + "` has no command " + quoted(word) + did_you_mean(word, commands), help_of(app));
  return wrong_usage("`" + path_of(app) + "` has no place for " + quoted(word), "put a text with spaces into quotes; " + help_of(app));
}

bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

/// The flag that was given a value, or the option that the parser's words begin with.
const CLI::Option* blamed(const CLI::App& app, std::string_view words) {
  for (const CLI::Option* option : app.get_options())
    if ((is_flag(*option) && option->count() > 0 && option->results().front() != "true") || words.starts_with(option->get_name())) return option;
  return nullptr;
}

Error wrong_count(const CLI::App& app, const CLI::Option& option) {
  const std::string name = option.get_name();
  if (is_flag(option)) return wrong_usage(name + " takes no value", "leave the value out; " + help_of(app));
  if (option.count() > 1) return wrong_usage(name + " is there " + std::to_string(option.count()) + " times", "give it once; " + help_of(app));
  return wrong_usage(name + " needs a value: " + option.get_description(), help_of(app));
}

}  // namespace

const CLI::App& named_command(const CLI::App& root) {
  const CLI::App* app = &root;
  for (auto subs = app->get_subcommands(); !subs.empty(); subs = app->get_subcommands()) app = subs.back();
  return *app;
}

Error wrong_usage(std::string message, std::string hint) { return {ErrorKind::input, "E0800", std::move(message), std::move(hint), 0}; }

Error not_a_value(const std::string& option, const std::string& given, std::span<const std::string> values) {
  return wrong_usage(option + " cannot be " + quoted(given) + did_you_mean(given, {values.begin(), values.end()}), "use " + join(values, ", "));
}

Error usage_error(const CLI::App& root, const CLI::ParseError& failure) {
  const CLI::App& app = named_command(root);
  if (const std::vector<std::string> rest = root.remaining(true); !rest.empty()) return unexpected(app, rest.front());
  for (const CLI::Option* option : app.get_options())
    if (option->get_required() && option->count() == 0)
      return wrong_usage("`" + path_of(app) + "` needs " + option->get_name() + ": " + option->get_description(), help_of(app));
  if (const CLI::Option* option = blamed(app, failure.what()); option != nullptr) return wrong_count(app, *option);
  if (const std::vector<std::string> commands = command_names(app); !commands.empty())
    return wrong_usage("`" + path_of(app) + "` needs a command: " + join(commands, ", "), help_of(app));
  return wrong_usage("the command line is not understood", help_of(app));
}

}  // namespace sluice
