#pragma once

#include <map>
#include <string>

namespace carillon::tests
{

/// Reads Prometheus text 0.0.4 as strictly as its grammar: HELP then TYPE once a family, families never interleaved, names and labels
/// allowed, escapes only \\ \" \n, values numbers, no series twice, histograms cumulative with +Inf = _count. Independent of the writer.
class ExpositionText
{
public:
    /// Throws std::runtime_error with the line that is wrong.
    explicit ExpositionText(const std::string& text);

    /// Throws std::out_of_range when the series is not there; `series` as it was written: `name{a="b"}`.
    double at(const std::string& series) const { return _values.at(series); }
    bool has(const std::string& series) const { return _values.contains(series); }
    std::string typeOf(const std::string& family) const { return _types.at(family); }
    std::string helpOf(const std::string& family) const { return _helps.at(family); }

private:
    void sample(const std::string& line);
    void checkHistograms() const;

    std::map<std::string, double> _values;
    std::map<std::string, std::string> _types;
    std::map<std::string, std::string> _helps;
    std::string _family;
    std::map<std::string, std::map<double, double>> _buckets; ///< of `name{labels without le}`
};

} // namespace carillon::tests
