// g++ 12 takes <regex> with sanitizers for uninitialised, a known false alarm; nothing of ours is silenced by it.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "ExpositionText.h"

#include <limits>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace carillon::tests
{
namespace
{

const std::string name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const std::string label = R"re([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*")re";
const std::regex helpLine("# HELP (" + name + ") (.*)");
const std::regex typeLine("# TYPE (" + name + ") (counter|gauge|histogram)");
const std::regex sampleLine("(" + name + R"()(\{()" + label + "(?:," + label + R"()*)\})? (\S+))");
const std::regex leLabel(R"re(,?le="([^"]*)")re");

double numberOf(const std::string& text)
{
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    std::size_t end = 0;
    const double value = std::stod(text, &end);
    if (end != text.size() || text.find_first_of("xX") != std::string::npos) throw std::runtime_error("no number: " + text);
    return value;
}

bool belongsTo(const std::string& sample, const std::string& family, const std::string& type)
{
    if (type != "histogram") return sample == family;
    return sample == family + "_bucket" || sample == family + "_sum" || sample == family + "_count";
}

} // namespace

ExpositionText::ExpositionText(const std::string& text)
{
    if (text.empty() || text.back() != '\n') throw std::runtime_error("the last line does not end");
    std::istringstream lines(text);
    std::string announced;
    for (std::string line; std::getline(lines, line);)
    {
        std::smatch match;
        if (std::regex_match(line, match, helpLine))
        {
            if (!_helps.emplace(match[1], match[2]).second) throw std::runtime_error("family twice: " + line);
            announced = match[1];
        }
        else if (std::regex_match(line, match, typeLine))
        {
            if (announced != match[1]) throw std::runtime_error("TYPE without its HELP: " + line);
            if (!_types.emplace(match[1], match[2]).second) throw std::runtime_error("type twice: " + line);
            _family = match[1];
        }
        else
        {
            sample(line);
        }
    }
    checkHistograms();
}

void ExpositionText::sample(const std::string& line)
{
    std::smatch match;
    if (!std::regex_match(line, match, sampleLine)) throw std::runtime_error("no sample: " + line);
    const std::string series = match[1].str() + match[2].str();
    if (!belongsTo(match[1], _family, _types[_family])) throw std::runtime_error("outside its family: " + line);
    const double value = numberOf(match[4]);
    if (!_values.emplace(series, value).second) throw std::runtime_error("series twice: " + line);
    if (!match[1].str().ends_with("_bucket") || _types[_family] != "histogram") return;

    const std::string labels = match[3];
    std::smatch le;
    if (!std::regex_search(labels, le, leLabel)) throw std::runtime_error("bucket without le: " + line);
    const std::string rest = std::regex_replace(labels, leLabel, "");
    auto& buckets = _buckets[_family + "|" + rest];
    const double bound = numberOf(le[1]);
    if (!buckets.empty() && (bound <= buckets.rbegin()->first || value < buckets.rbegin()->second))
        throw std::runtime_error("buckets not ascending and cumulative: " + line);
    buckets[bound] = value;
}

void ExpositionText::checkHistograms() const
{
    for (const auto& [key, buckets] : _buckets)
    {
        const auto family = key.substr(0, key.find('|'));
        const auto labels = key.substr(key.find('|') + 1);
        const auto braced = labels.empty() ? labels : "{" + labels + "}";
        if (buckets.rbegin()->first != std::numeric_limits<double>::infinity()) throw std::runtime_error("no +Inf: " + key);
        if (buckets.rbegin()->second != at(family + "_count" + braced)) throw std::runtime_error("+Inf is not _count: " + key);
        if (!has(family + "_sum" + braced)) throw std::runtime_error("no _sum: " + key);
    }
}

} // namespace carillon::tests
