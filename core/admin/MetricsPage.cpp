#include "admin/MetricsPage.h"

#include "metrics/Exposition.h"

#include <fmt/format.h>

#include <algorithm>

namespace carillon::admin
{
namespace
{

constexpr std::chrono::seconds freshness{1};

void family(std::string& text, std::string_view name, std::string_view help)
{
    text += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
}

template <typename Visit>
void forEachQueue(const Observation& observation, const Visit& visit)
{
    for (const auto& [transport, queues] : observation.queues)
        for (const port::QueueStats& queue : queues)
            visit(
                fmt::format("transport=\"{}\",queue=\"{}\"", metrics::escapeLabelValue(transport), metrics::escapeLabelValue(queue.queue)),
                queue);
}

void exposeQueues(std::string& text, const Observation& observation)
{
    family(text, "carillon_queue_messages", "Messages in a queue by state; a state that is unknown is left out.");
    forEachQueue(observation,
                 [&](const std::string& labels, const port::QueueStats& queue)
                 {
                     const auto line = [&](const char* state, const std::optional<std::uint64_t>& count)
                     {
                         if (count) text += fmt::format("carillon_queue_messages{{{},state=\"{}\"}} {}\n", labels, state, *count);
                     };
                     line("ready", queue.ready);
                     line("scheduled", queue.scheduled);
                     line("taken", queue.taken);
                 });
    family(text, "carillon_queue_oldest_ready_seconds", "How long the oldest ready message has been ready; 0 with none.");
    forEachQueue(observation,
                 [&](const std::string& labels, const port::QueueStats& queue)
                 {
                     const auto age =
                         queue.oldestReadySince ? std::chrono::duration<double>(observation.at - *queue.oldestReadySince).count() : 0.0;
                     text += fmt::format("carillon_queue_oldest_ready_seconds{{{}}} {:.3f}\n", labels, std::max(age, 0.0));
                 });
    family(text, "carillon_queue_paused", "1 while nothing is taken from the queue by an operator's wish.");
    forEachQueue(observation, [&](const std::string& labels, const port::QueueStats& queue)
                 { text += fmt::format("carillon_queue_paused{{{}}} {}\n", labels, queue.paused ? 1 : 0); });
}

} // namespace

std::string exposeObservation(const std::optional<Observation>& observation)
{
    std::string text;
    family(text, "carillon_store_up", "1 when the store can be read and written.");
    text += fmt::format("carillon_store_up {}\n", observation && observation->isStoreWell ? 1 : 0);
    if (!observation) return text;
    exposeQueues(text, *observation);
    if (observation->deadByType)
    {
        family(text, "carillon_dead_letters", "Dead letters there are now, by message type.");
        for (const auto& [type, count] : *observation->deadByType)
            text += fmt::format("carillon_dead_letters{{type=\"{}\"}} {}\n", metrics::escapeLabelValue(type), count);
    }
    if (observation->outbox)
    {
        family(text, "carillon_outbox_messages", "Messages that wait in the store's outbox for their transport.");
        text += fmt::format("carillon_outbox_messages {}\n", *observation->outbox);
    }
    return text;
}

std::string MetricsPage::text()
{
    // Asked for outside the lock: it may wait.
    const auto observation = _observer.look();
    const std::lock_guard lock(_mutex);
    const auto now = std::chrono::steady_clock::now();
    if (_renderedAt && now - *_renderedAt < freshness) return _text;
    const auto boards = _boards();
    _text = metrics::expose(boards) + exposeObservation(observation);
    _renderedAt = now;
    return _text;
}

} // namespace carillon::admin
