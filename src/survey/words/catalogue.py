"""The fixed words and phrases of exhibits, in Vietnamese and English; `survey.words.locale` looks them up."""

from __future__ import annotations

from collections.abc import Mapping

from survey.codebook import Text

__all__ = ["ALIKE", "ALONE", "BY_DESIGN", "CALIBRATED", "COLUMNS", "METHODS", "NOTES", "TITLES", "UNITS", "WORDS"]

CALIBRATED = "a known total, fixed by calibration: no interval"
BY_DESIGN = "without sampling error under this design: no interval"
KORN_GRAUBARD_END = "shares of 0 or 1: Korn-Graubard interval on Kish's effective n"
CLUSTERED_END = "shares of 0 or 1: one-sided interval, on an effective n that allows for clusters"
ALONE = "coefficients of a single respondent, a single cluster or an exact fit have no standard error"
ALIKE = "everybody gave the same answer: no interval"
"""Notes on estimates whose standard error is 0."""

WORDS: Mapping[str, Text] = {
    "all": {"vi": "Chung", "en": "All"},
    "by": {"vi": "theo", "en": "by"},
    "ci_short": {"vi": "KTC {level}", "en": "{level} CI"},
    "ci_note": {
        "vi": "Trong ngoặc và vạch ngang: khoảng tin cậy {level}",
        "en": "In brackets and horizontal lines: {level} confidence intervals",
    },
    "ci_note_lines": {
        "vi": "Vạch ngang: khoảng tin cậy {level}",
        "en": "Horizontal lines: {level} confidence intervals",
    },
    "ci_note_table": {"vi": "Trong ngoặc: khoảng tin cậy {level}", "en": "In brackets: {level} confidence intervals"},
    "caution": {"vi": "ít câu trả lời, cần đọc thận trọng", "en": "few answers, read with caution"},
    "ci": {"vi": "khoảng tin cậy {level}", "en": "{level} confidence interval"},
    "ci_high": {"vi": "KTC {level}, cận trên", "en": "{level} CI, upper"},
    "ci_low": {"vi": "KTC {level}, cận dưới", "en": "{level} CI, lower"},
    "dagger_note": {
        "vi": "† Dưới {low} câu trả lời: không công bố",
        "en": "† Fewer than {low} answers: not for publication",
    },
    "design": {"vi": "Thiết kế mẫu", "en": "Design"},
    "difference": {"vi": "Chênh lệch", "en": "Difference"},
    "dont_know": {"vi": "Không biết", "en": "Don’t know"},
    "dont_know_note": {
        "vi": "Không biết: % số người được hỏi, không thuộc thang đo",
        "en": "Don’t know: % of everyone asked, not a point of the scale",
    },
    "ends_note": {
        "vi": "Số đậm ở hai đầu: tổng các mức dưới và trên điểm giữa (%)",
        "en": "Bold at both ends: sums of the answers below and above the middle (%)",
    },
    "empty": {"vi": "không có số liệu", "en": "no data"},
    "equal_weights": {"vi": "không quyền số", "en": "equal weights"},
    "estimate": {"vi": "Ước lượng", "en": "Estimate"},
    "figure": {"vi": "Hình", "en": "Figure"},
    "flag_note": {
        "vi": "* Từ {low} đến {high} câu trả lời: cần đọc thận trọng",
        "en": "* From {low} to {high} answers: read with caution",
    },
    "net": {"vi": "Mức cao trừ mức thấp", "en": "Upper minus lower answers"},
    "kish": {"vi": "Hệ số thiết kế do trọng số (Kish)", "en": "Design effect of weights (Kish)"},
    "kish_note": {
        "vi": "Hệ số thiết kế (deff) của Kish: phương sai tăng bao nhiêu lần vì quyền số chênh lệch; "
        "n hiệu dụng = n / deff",
        "en": "Kish’s deff: how many times unequal weights raise variances; effective n = n / deff",
    },
    "love_after": {"vi": "Sau khi gia quyền", "en": "After weighting"},
    "love_axis": {"vi": "Mẫu trừ dân số, điểm phần trăm", "en": "Sample minus population, percentage points"},
    "love_before": {"vi": "Trước khi gia quyền", "en": "Before weighting"},
    "love_hidden": {
        "vi": "Hiện {n} trong {all} nhóm, là những nhóm lệch nhiều nhất; "
        "các nhóm khác lệch nhiều nhất {largest} điểm phần trăm",
        "en": "Shown: the {n} largest gaps of {all}; the others are at most {largest} percentage points",
    },
    "love_zero": {"vi": "Vạch ở 0: đúng bằng dân số", "en": "The line at 0 is the population"},
    "percent_of_sum": {"vi": "% của tổng đã biết", "en": "% of the known sum"},
    "more_rows": {"vi": "Còn {n} dòng nữa trong .table", "en": "{n} more rows in .table"},
    "quality_alert": {"vi": "cần xem (p hiệu chỉnh dưới {p})", "en": "to be looked at (adjusted p below {p})"},
    "quality_heaping": {
        "vi": "Số tròn: chỉ số Whipple, 100 là không làm tròn, 500 là số nào cũng chia hết cho năm",
        "en": "Round numbers: Whipple’s index, 100 for no rounding, 500 where every number is a multiple of five",
    },
    "quality_hidden": {
        "vi": "Không hiện {n} dòng khác, trong đó {alerts} dòng cần xem",
        "en": "{n} more rows are not shown, {alerts} of them to be looked at",
    },
    "quality_hint": {"vi": "gần mức ấy (dưới {p})", "en": "nearly so (below {p})"},
    "quality_look": {"vi": "Cần xem", "en": "To be looked at"},
    "quality_n": {"vi": "Phiếu", "en": "n"},
    "quality_near_duplicate": {
        "vi": "Gần trùng: giống một phiếu khác của cùng người đến mức chỉ 1% số phiếu trung thực gặp phải",
        "en": "Near copies: as close to another interview of the same hand as 1% of honest interviews are",
    },
    "quality_no_proof": {
        "vi": "Ô đậm là chỗ cần hỏi lại, không phải bằng chứng gian dối",
        "en": "A dark cell is a question to ask, no proof of fraud",
    },
    "quality_nonresponse": {"vi": "Bỏ trống: % số câu được hỏi", "en": "No answer: % of the questions asked"},
    "quality_short": {
        "vi": "Thời lượng: trung vị so với mọi người, cùng số câu được hỏi",
        "en": "Length: median against everybody’s, for as many questions",
    },
    "quality_too_many": {
        "vi": "Ngày dồn: % số ngày có quá nhiều phiếu",
        "en": "Full days: % of days with too many interviews",
    },
    "quality_values": {
        "vi": "Trong ô: % số phiếu của điều tra viên, nếu không nói khác",
        "en": "In the cells: % of the interviewer’s interviews, unless told otherwise",
    },
    "record_at_bounds": {"vi": "Tại giới hạn (dưới; trên)", "en": "At the bounds (lower; upper)"},
    "record_beyond_2": {"vi": "Tăng quá gấp đôi hoặc giảm quá một nửa", "en": "More than doubled or halved"},
    "record_deff": {"vi": "deff (Kish), trước → sau", "en": "deff (Kish), before → after"},
    "record_factors": {
        "vi": "Hệ số của từng quyền số, chia cho hệ số chung",
        "en": "Factors of the weights, over the common factor",
    },
    "record_iterations": {"vi": "Số vòng lặp", "en": "Iterations"},
    "record_method": {"vi": "Phương pháp", "en": "Method"},
    "record_scale": {"vi": "Hệ số chung (tổng sau / tổng trước)", "en": "Common factor (sum after / sum before)"},
    "record_worst": {"vi": "Lệch lớn nhất so với dân số", "en": "Largest gap from a target"},
    "rounded": {"vi": "các số đã làm tròn", "en": "rounded numbers"},
    "rounded_note": {
        "vi": "Chênh lệch được tính từ số chưa làm tròn nên có thể khác hiệu của các số đã làm tròn",
        "en": "Differences are computed from unrounded numbers and may differ from those of the rounded ones",
    },
    "unjudged": {
        "vi": "không tính được khoảng tin cậy nên không thể đánh giá độ chính xác",
        "en": "no interval can be computed, so its precision cannot be judged",
    },
    "unjudged_note": {
        "vi": "Số không kèm khoảng tin cậy: không thể đánh giá độ chính xác",
        "en": "Numbers without an interval: their precision cannot be judged",
    },
    "known": {
        "vi": "tổng đã biết, được ấn định khi hiệu chỉnh quyền số",
        "en": "a known total, fixed by calibration",
    },
    "known_by_design": {
        "vi": "không có sai số chọn mẫu theo thiết kế mẫu",
        "en": "no sampling error under this design",
    },
    "respondents": {"vi": "Người trả lời", "en": "Respondents"},
    "unit": {"vi": "Đơn vị", "en": "Unit"},
    "weight_range": {"vi": "Trọng số", "en": "Weights"},
    "median": {"vi": "Trung vị", "en": "Median"},
    "quantile_of": {"vi": "Phân vị {p}", "en": "{p} quantile"},
    "mean": {"vi": "Trung bình", "en": "Mean"},
    "n_note": {
        "vi": "Cột n: số câu trả lời hợp lệ, chưa gia quyền",
        "en": "Column n: number of valid answers, unweighted",
    },
    "percent_answers": {"vi": "% số câu trả lời", "en": "% of answers"},
    "people": {"vi": "Số người", "en": "Number of people"},
    "percentage_points": {"vi": "điểm phần trăm", "en": "percentage points"},
    "reversed_note": {"vi": "↓ Câu hỏi đảo: mức thấp là tốt", "en": "↓ Reversed question: a low answer is good"},
    "scale": {"vi": "thang {low}–{high}", "en": "scale {low}–{high}"},
    "share_unit": {"vi": "tỷ lệ 0–1", "en": "share, 0–1"},
    "share": {"vi": "Tỷ lệ", "en": "Share"},
    "simulated": {"vi": "dữ liệu mô phỏng", "en": "simulated data"},
    "source": {"vi": "Nguồn", "en": "Source"},
    "suppress_note": {
        "vi": "Không công bố kết quả dựa trên dưới {low} câu trả lời",
        "en": "Results on fewer than {low} answers are not shown",
    },
    "suppressed": {"vi": "dưới {low} câu trả lời, không công bố", "en": "fewer than {low} answers, not shown"},
    "suppressed_short": {"vi": "n < {low}", "en": "n < {low}"},
    "table": {"vi": "Bảng", "en": "Table"},
    "to": {"vi": "đến", "en": "to"},
    "total": {"vi": "Tổng", "en": "Total"},
    "weights_axis": {"vi": "Quyền số chia cho trung bình", "en": "Weight over mean weight"},
    "weights_most": {"vi": "lớn nhất / trung vị =", "en": "largest / median ="},
    "weights_n_eff": {"vi": "n hiệu dụng", "en": "effective n"},
    "weights_marks": {
        "vi": "Vạch đứt: trung bình; vạch ngắn: quyền số nhỏ nhất và lớn nhất",
        "en": "Dashed line: the mean; short lines: the smallest and the largest weight",
    },
    "weights_note": {
        "vi": "Chiều cao: % số người, theo thang riêng của từng biểu đồ",
        "en": "Heights: % of respondents, on a scale of their own in each histogram",
    },
}

COLUMNS: Mapping[str, Text] = {
    "alert": {"vi": "Cần xem", "en": "To be looked at"},
    "after": {"vi": "Sau", "en": "After"},
    "answer": {"vi": "Câu trả lời", "en": "Answer"},
    "before": {"vi": "Trước", "en": "Before"},
    "categories": {"vi": "Số nhóm", "en": "Categories"},
    "category": {"vi": "Nhóm", "en": "Category"},
    "change": {"vi": "Đổi so với không quyền số", "en": "Change from equal weights"},
    "change_std_error": {"vi": "Sai số chuẩn của thay đổi", "en": "Standard error of the change"},
    "contrast": {"vi": "So sánh", "en": "Comparison"},
    "correlation": {"vi": "Tương quan với quyền số", "en": "Correlation with the weights"},
    "count": {"vi": "Số người", "en": "People"},
    "cv": {"vi": "Hệ số biến thiên", "en": "Coefficient of variation"},
    "deff_added": {"vi": "deff thêm vào các biến khác", "en": "deff added to the others"},
    "deff_alone": {"vi": "deff của riêng biến này", "en": "deff of this margin alone"},
    "deff_kish": {"vi": "deff (Kish)", "en": "deff (Kish)"},
    "df": {"vi": "bậc tự do", "en": "df"},
    "dont_know": {"vi": "Không biết", "en": "Don’t know"},
    "estimate": {"vi": "Ước lượng", "en": "Estimate"},
    "gap": {"vi": "Lệch sau", "en": "Gap after"},
    "gap_before": {"vi": "Lệch trước", "en": "Gap before"},
    "high": {"vi": "Đến", "en": "To"},
    "item": {"vi": "Câu hỏi", "en": "Question"},
    "low": {"vi": "Từ", "en": "From"},
    "margin": {"vi": "Biến", "en": "Margin"},
    "max": {"vi": "Lớn nhất", "en": "Largest"},
    "max_to_median": {"vi": "Lớn nhất / trung vị", "en": "Largest / median"},
    "median": {"vi": "Trung vị", "en": "Median"},
    "min": {"vi": "Nhỏ nhất", "en": "Smallest"},
    "n_eff": {"vi": "n hiệu dụng", "en": "Effective n"},
    "others": {"vi": "Người khác", "en": "Others"},
    "p01": {"vi": "Phân vị 1%", "en": "1% quantile"},
    "p05": {"vi": "Phân vị 5%", "en": "5% quantile"},
    "p95": {"vi": "Phân vị 95%", "en": "95% quantile"},
    "p99": {"vi": "Phân vị 99%", "en": "99% quantile"},
    "p_adjusted": {"vi": "p hiệu chỉnh", "en": "Adjusted p"},
    "p_value": {"vi": "Giá trị p", "en": "p-value"},
    "quantile": {"vi": "Phân vị", "en": "Quantile"},
    "share": {"vi": "Tỷ lệ", "en": "Share"},
    "std_error": {"vi": "Sai số chuẩn", "en": "Standard error"},
    "step": {"vi": "Quyền số", "en": "Weights"},
    "step_change": {"vi": "Đổi so với bước trước", "en": "Change from the step before"},
    "step_change_std_error": {"vi": "Sai số chuẩn của thay đổi bước này", "en": "Standard error of the step’s change"},
    "sum": {"vi": "Tổng", "en": "Sum"},
    "target": {"vi": "Dân số", "en": "Population"},
    "term": {"vi": "Biến", "en": "Term"},
    "value": {"vi": "Giá trị", "en": "Value"},
    "with": {"vi": "Với", "en": "With"},
    "worst_gap": {"vi": "Lệch lớn nhất (tương đối)", "en": "Worst relative gap"},
}

TITLES: Mapping[str, Text] = {
    "margins": {
        "vi": "Mẫu so với dân số, trước và sau khi gia quyền",
        "en": "The sample against the population, before and after weighting",
    },
    "quality": {"vi": "Chất lượng thu thập dữ liệu", "en": "Quality of the fieldwork"},
    "weight_distribution": {"vi": "Phân bố của quyền số", "en": "How weights are distributed"},
    "weight_effects": {"vi": "Quyền số làm thay đổi kết quả thế nào", "en": "What weighting changed"},
    "weights": {"vi": "Quyền số qua từng bước", "en": "Weights, step by step"},
}
"""Titles of results that are about weights, not about answers."""

METHODS: Mapping[str, Text] = {
    "entropy": {"vi": "cân bằng entropy", "en": "entropy balancing"},
    "linear": {"vi": "hiệu chỉnh tuyến tính", "en": "linear calibration"},
    "logit": {"vi": "hiệu chỉnh logit", "en": "logit calibration"},
    "nonresponse": {"vi": "bù không trả lời", "en": "non-response"},
    "poststratify": {"vi": "hậu phân tầng", "en": "post-stratified"},
    "propensity": {"vi": "bù không trả lời", "en": "response propensity"},
    "rake": {"vi": "raking", "en": "raked"},
    "raking": {"vi": "raking", "en": "raked"},
    "scale": {"vi": "đổi tổng", "en": "scaled"},
    "trim": {"vi": "cắt ngọn", "en": "trimmed"},
}

UNITS: Mapping[str, Text] = {
    "%": {"vi": "%", "en": "%"},
    "days": {"vi": "ngày", "en": "days"},
    "hours": {"vi": "giờ", "en": "hours"},
    "minutes": {"vi": "phút", "en": "minutes"},
    "people": {"vi": "người", "en": "people"},
    "percentage points": {"vi": "điểm phần trăm", "en": "percentage points"},
    "points": {"vi": "điểm", "en": "points"},
    "seconds": {"vi": "giây", "en": "seconds"},
    "times": {"vi": "lần", "en": "times"},
    "trips": {"vi": "lần", "en": "trips"},
    "visits": {"vi": "lần", "en": "visits"},
    "years": {"vi": "năm", "en": "years"},
}

# Notes that estimation verbs leave on their results, and how they read in Vietnamese.
NOTES: tuple[tuple[str, str], ...] = (
    (
        r"p-values by permutation of the treated units; standard errors of sampling people alone",
        "giá trị p theo kiểm định hoán vị các đơn vị can thiệp; sai số chuẩn chỉ tính việc chọn mẫu người trả lời",
    ),
    (
        r"each unit counts once in the effect; a difference in differences of people weighs units by their people",
        "mỗi đơn vị tính một lần; khác biệt trong khác biệt của người trả lời thì tính theo số người của từng đơn vị",
    ),
    (
        r"(.+): weighted by people, so a unit counts by its people; in effect\(\) each unit counts once",
        r"\1: tính theo số người, nên đơn vị đông người có ảnh hưởng lớn hơn; trong effect() mỗi đơn vị tính một lần",
    ),
    (
        r"a known total, fixed by calibration: no interval",
        "tổng đã biết, được ấn định khi hiệu chỉnh quyền số: không có khoảng tin cậy",
    ),
    (
        r"without sampling error under this design: no interval",
        "không có sai số chọn mẫu theo thiết kế mẫu: không có khoảng tin cậy",
    ),
    (
        r"everybody gave the same answer: no interval",
        "mọi người trả lời như nhau: không tính được khoảng tin cậy",
    ),
    (
        r"differences of numbers that are known have no interval",
        "chênh lệch giữa các số đã biết không có khoảng tin cậy",
    ),
    (
        r"shares of 0 or 1 in some imputations: the interval holds those of these imputations",
        "tỷ lệ 0% hoặc 100% trong một số bộ dữ liệu bù: khoảng tin cậy bao gồm khoảng của các bộ ấy",
    ),
    (
        r"(.+): don't know is an answer and in the denominator, as the codebook says",
        r"\1: không biết là một câu trả lời và nằm trong mẫu số, theo bảng mã",
    ),
    (
        r"(\d[\d,]*)( interviews?)? without an interviewer(.*): compared with nobody\.",
        r"\1 phiếu không ghi điều tra viên: không so với ai.",
    ),
    (
        r"(.+): why cells are empty is not known; nobody counts as don't know or refused",
        r"\1: không biết vì sao ô trống; không ai được tính là không biết hay từ chối",
    ),
    (
        r"standard errors of earlier weights are not known from a producer's replicate weights",
        "không biết sai số chuẩn theo các quyền số trước từ quyền số lặp của nơi cung cấp",
    ),
    (
        r"sums of numbers are shown as means per person of the population",
        "tổng của các biến số được tính thành trung bình đầu người trong dân số",
    ),
    (
        r"quantiles, deff and effective n are within each group",
        "phân vị, deff và n hiệu dụng tính trong từng nhóm",
    ),
    (r"population: (.+)", r"dân số: \1"),
    (r"weights are divided by their mean", "quyền số được chia cho trung bình của chúng"),
    (r"weights are divided by their mean in each group", "quyền số được chia cho trung bình của từng nhóm"),
    (ALONE, "hệ số của chỉ một người trả lời, một cụm, hoặc khớp hoàn toàn với dữ liệu không có sai số chuẩn"),
    (r"groups within one cluster have no standard error", "nhóm nằm gọn trong một cụm không có sai số chuẩn"),
    (
        KORN_GRAUBARD_END,
        "tỷ lệ 0 % hoặc 100 %: khoảng tin cậy Korn-Graubard theo cỡ mẫu hiệu dụng Kish",
    ),
    (
        CLUSTERED_END,
        "tỷ lệ 0 % hoặc 100 %: khoảng tin cậy một phía, theo cỡ mẫu hiệu dụng có tính đến việc chọn mẫu theo cụm",
    ),
    (
        r"groups that are empty in some replicate have no standard error",
        "nhóm trống trong một mẫu lặp nào đó không có sai số chuẩn",
    ),
    (
        r"statistics that are NaN in some replicate have no standard error",
        "thống kê không tính được trong một mẫu lặp nào đó không có sai số chuẩn",
    ),
    (
        r"(.+): no codebook, so the scale is taken to be the answers that occur",
        r"\1: không có bảng mã, thang đo lấy theo các câu trả lời có trong dữ liệu",
    ),
    (r"quantiles by the rule '(.+)', Woodruff intervals", r"phân vị theo quy tắc “\1”, khoảng tin cậy Woodruff"),
    (r"([\d,.]+) respondents with all variables of the model", r"\1 người trả lời có đủ các biến của mô hình"),
    (
        r"fewer than (\d+) respondents with all variables of the model",
        r"dưới \1 người trả lời có đủ các biến của mô hình",
    ),
    (
        r"fewer than (\d+) rows have no value of (.+) and are in no group",
        r"dưới \1 dòng thiếu \2 và không thuộc nhóm nào",
    ),
    (
        r"(.+): one category among these respondents, so no coefficient",
        r"\1: chỉ có một nhóm trong số người trả lời này nên không có hệ số",
    ),
    (
        r"pooled over (\d+) imputations by Rubin's rules, df by Barnard & Rubin",
        r"gộp \1 bộ dữ liệu bù theo quy tắc Rubin, bậc tự do theo Barnard và Rubin",
    ),
    (r"(\d+) replicates, (.+)", r"\1 mẫu lặp, \2"),
    (r"([\d,.]+) rows have no value of (.+) and are in no group", r"\1 dòng thiếu \2 và không thuộc nhóm nào"),
)
