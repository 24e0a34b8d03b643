#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/codec.h"
#include "base/result.h"
#include "workflow/activity.h"

namespace sluice {

/// A subject with a yes. Only Context makes one, nothing reads one back; the intent of the effect that takes it spends it.
template <class T>
class Approved {
 public:
  const T& subject() const { return subject_; }
  const std::string& approval_id() const { return id_; }

 private:
  friend class Context;
  Approved(T subject, std::string id) : subject_(std::move(subject)), id_(std::move(id)) {}
  T subject_;
  std::string id_;
};
template <class T>
struct Codec<Approved<T>> {  // encode only: an Approved never comes out of the journal
  static Json encode(const Approved<T>& approved) {
    return Json::object().set("approval_id", approved.approval_id()).set("subject", sluice::encode(approved.subject()));
  }
};

/// What came of a wait for approval. None of approved, refine, expired: rejected.
template <class T>
struct Decision {
  std::optional<Approved<T>> approved{};
  bool refine = false;
  std::string feedback{};  ///< refine: what should be different
  std::string edited{};    ///< refine: the person's own text (for example the edited SQL); empty if there is none
  bool expired = false;
  std::string decided_by{}, reason{};
};

/// A decision that a policy makes at once; recorded like a person's, as decided by "policy: NAME".
struct AutoDecision {
  bool approve = false;
  std::string by{};
};
struct ApprovalRequest {
  Json card{};                           ///< what the person is shown
  std::string policy{};                  ///< the name of the policy that asks for it
  std::chrono::milliseconds timeout{0};  ///< 0: waits for ever
  std::optional<AutoDecision> automatic{};
};

/// When `parallel` is over: 0, when all branches are. Else branches that are not through by then are given up: what they read or compute is stopped,
/// what they ask people cannot be answered any more; an effect that has begun is carried through first, and so is a run that they started.
struct Join {
  std::chrono::milliseconds deadline{0};
};
template <class Fn>
struct Branch {
  std::string_view name{};  ///< unique among its siblings
  Fn body;                  ///< Result<T>(Context&)
};
template <class Fn>
Branch(std::string_view, Fn) -> Branch<Fn>;
constexpr std::size_t kBranchesMax = 64;  ///< of one `parallel`

class Context;
namespace workflow_detail {
class Run;

/// A step with its types erased.
struct StepCall {
  Effect effect = Effect::pure;
  Json input{};
  std::function<Result<Json>(StepContext&)> act{};
  std::function<Result<std::optional<Json>>(StepContext&)> find{};
  /// The recorded input as this code would write it today; empty where only the exact bytes will do.
  std::function<Result<Json>(const Json&)> upcast{};
  std::function<Result<>(const Json&)> readable{};
  std::chrono::milliseconds dedup_window{0}, timeout{60'000};
  RetryPolicy retry{};
  bool proposes = false;
  std::string approval_id{}, subject_hash{};  ///< of the approval that it spends
};
/// A branch with its types erased: its body leaves what it returned where the caller wants it.
struct BranchCall {
  std::string name{};
  std::function<void(Context&)> body{};
};
struct RawDecision {
  bool approved = false, refine = false, expired = false;
  std::string id{}, feedback{}, edited{}, decided_by{}, reason{};
};
/// SHA-256 of the canonical bytes.
std::string hash_of(const Json& value);

template <class T>
struct ApprovedSubject : std::false_type {};
template <class T>
struct ApprovedSubject<Approved<T>> : std::true_type {};
}  // namespace workflow_detail

/// A workflow's only door to the world. The workflow function is ordinary sequential code, executed again from the top after every
/// crash or wait: what the journal holds is returned, the first step that it does not hold is executed. So the code between steps
/// must be deterministic. Cheap to copy; lives only inside the workflow function; used by its thread only.
///
/// While a run has to wait (or was cancelled, or lost its place to another process) the call unwinds by an exception that no
/// workflow may catch; if one does, every later call unwinds again and the returned value is ignored.
class Context {
 public:
  /// Names are unique within a scope; a loop opens scope("round", n).
  Context scope(std::string_view name, std::int64_t key) const;

  /// Runs the activity once, or returns what it returned. The input is all that it may use; it is recorded and compared: another
  /// one on re-execution is drift, which pauses the run. An error is a result like any other, recorded once retries are used up.
  template <class In, class Out>
  Result<Out> step(std::string_view name, const Activity<In, Out>& activity, const std::type_identity_t<In>& input) {
    const workflow_detail::StepCall call = erased(activity, input);
    TRY(const Json value, run_step(name, call));
    return sluice::decode<Out>(value);
  }

  /// A pure step in place. Captures do not compile, so the recorded input is all that it uses.
  template <class In, class Fn>
    requires std::is_empty_v<Fn>
  std::invoke_result_t<Fn, const In&> step(std::string_view name, const In& input, Fn body) {
    using Out = typename std::invoke_result_t<Fn, const In&>::value_type;
    Activity<In, Out> activity{.effect = Effect::pure, .act = [body](StepContext&, const In& in) { return body(in); }};
    return step(name, activity, input);
  }

  /// Asks a person (or a policy) about exactly this subject; may park the run for days.
  template <class T>
  Result<Decision<T>> wait_for_approval(std::string_view name, const T& subject, const ApprovalRequest& request) {
    TRY(workflow_detail::RawDecision raw, wait_raw(name, sluice::encode(subject), request));
    Decision<T> decision;
    if (raw.approved) decision.approved = Approved<T>(subject, std::move(raw.id));
    decision.refine = raw.refine;
    decision.expired = raw.expired;
    decision.feedback = std::move(raw.feedback);
    decision.edited = std::move(raw.edited);
    decision.decided_by = std::move(raw.decided_by);
    decision.reason = std::move(raw.reason);
    return decision;
  }

  /// Executes the branches at once, each in a thread of its own with a Context of its own, and returns what each of them returned, in their order;
  /// E0132 for one that did not make the deadline. While any of them has to wait, the others go on until they end or have to wait too.
  template <class... Fn>
  Result<std::tuple<std::invoke_result_t<Fn, Context&>...>> parallel(std::string_view name, Join join, Branch<Fn>... branches) {
    return parallel_of(name, join, std::index_sequence_for<Fn...>(), branches...);
  }
  /// The same for as many branches as there are items (at most kBranchesMax: E0132), named by their number: body(branch, item).
  template <class Item, class Fn>
  Result<std::vector<std::invoke_result_t<Fn, Context&, const Item&>>> for_each(std::string_view name, Join join, const std::vector<Item>& items,
                                                                                Fn body) {
    using Out = std::invoke_result_t<Fn, Context&, const Item&>;
    std::vector<Out> out(items.size(), Out(Error{}));
    std::vector<workflow_detail::BranchCall> calls;
    for (std::size_t n = 0; n < items.size(); ++n)
      calls.push_back({std::to_string(n), [&out, &items, &body, n](Context& branch) { out[n] = body(branch, items[n]); }});
    TRY(const std::vector<bool> made, run_branches(name, join, calls));
    for (std::size_t n = 0; n < items.size(); ++n)
      if (!made[n]) out[n] = gave_up(name, calls[n].name, join);
    return out;
  }

  /// Starts another workflow as a run of its own, with this run as its parent, and waits for its result. It ends with its parent at the latest.
  template <class Out, class In>
  Result<Out> child(std::string_view name, std::string_view workflow, const In& input) {
    TRY(const Json value, run_child(name, workflow, sluice::encode(input)));
    return sluice::decode<Out>(value);
  }
  /// Waits for a message with the topic, and takes it. The topic is the name: it occurs once in a scope.
  template <class T>
  Result<T> signal(std::string_view topic) {
    TRY(const Json body, take_signal(topic));
    return sluice::decode<T>(body);
  }

  /// Parks until the duration has passed since the first execution of this line.
  Result<> sleep(std::string_view name, std::chrono::milliseconds duration);
  /// The database's time at the first execution of this line.
  Result<std::int64_t> now_ms(std::string_view name);
  /// Guards a deliberate change: `current` for runs that come here first with this code, what they had before for older ones
  /// (0: they passed before there was a guard).
  Result<int> version(std::string_view change, int current);

 private:
  friend class workflow_detail::Run;
  Context(workflow_detail::Run& run, std::string path) : run_(&run), path_(std::move(path)) {}
  std::string path_of(std::string_view name) const;
  Result<Json> run_step(std::string_view name, const workflow_detail::StepCall& call);
  Result<workflow_detail::RawDecision> wait_raw(std::string_view name, Json subject, const ApprovalRequest& request);
  Result<Json> run_child(std::string_view name, std::string_view workflow, Json input);
  Result<Json> take_signal(std::string_view topic);
  /// Which of them made the deadline.
  Result<std::vector<bool>> run_branches(std::string_view name, Join join, const std::vector<workflow_detail::BranchCall>& branches);
  static Error gave_up(std::string_view name, std::string_view branch, Join join);

  template <std::size_t... N, class... Fn>
  Result<std::tuple<std::invoke_result_t<Fn, Context&>...>> parallel_of(std::string_view name, Join join, std::index_sequence<N...>,
                                                                        Branch<Fn>&... branches) {
    std::tuple<std::invoke_result_t<Fn, Context&>...> out{std::invoke_result_t<Fn, Context&>(Error{})...};
    const std::vector<workflow_detail::BranchCall> calls{
        {std::string(branches.name), [&out, &branches](Context& branch) { std::get<N>(out) = branches.body(branch); }}...};
    TRY(const std::vector<bool> made, run_branches(name, join, calls));
    ((made[N] ? void() : void(std::get<N>(out) = gave_up(name, branches.name, join))), ...);
    return out;
  }

  template <class In, class Out>
  static workflow_detail::StepCall erased(const Activity<In, Out>& activity, const In& input) {
    workflow_detail::StepCall call{.effect = activity.effect, .input = sluice::encode(input)};
    call.act = [&activity, &input](StepContext& step) -> Result<Json> {
      TRY(const Out out, activity.act(step, input));
      return sluice::encode(out);
    };
    if (activity.find) {
      call.find = [&activity, &input](StepContext& step) -> Result<std::optional<Json>> {
        TRY(const std::optional<Out> out, activity.find(step, input));
        return out ? std::optional<Json>(sluice::encode(*out)) : std::nullopt;
      };
    }
    if constexpr (workflow_detail::ApprovedSubject<In>::value) {
      call.approval_id = input.approval_id();
      call.subject_hash = workflow_detail::hash_of(sluice::encode(input.subject()));
    } else {
      call.upcast = [](const Json& recorded) -> Result<Json> {
        TRY(const In value, sluice::decode<In>(recorded));
        return sluice::encode(value);
      };
    }
    call.readable = [](const Json& value) -> Result<> {
      TRY_VOID(sluice::decode<Out>(value));
      return {};
    };
    call.dedup_window = activity.dedup_window;
    call.timeout = activity.timeout;
    call.retry = activity.retry;
    call.proposes = activity.proposes;
    return call;
  }

  workflow_detail::Run* run_;
  std::string path_;
};

}  // namespace sluice
