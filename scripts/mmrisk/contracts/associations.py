"""Contracts of the tests of the marrow against events, labels, steps of the disease and survival."""

from mmrisk.contracts.model import Column, Table, share

TESTED, REFUSED = "tested", "refused"
SCALES = ("log_ratio", "sd", "logit")


def _about_pair() -> tuple[Column, ...]:
    return (
        Column("family", "text", "features that are adjusted together (what, of which cells)", required=True),
        Column("feature", "text", "cell type, signature, axis or target; * for all of the family", required=True),
    )


ASSOCIATIONS = Table(
    "associations",
    "Every feature of the marrow against every event and label, patients as units; refusals with their reason.",
    ("family", "feature", "factor", "contrast"),
    (
        *_about_pair(),
        Column("factor", "text", "event of the catalogue or risk system", required=True),
        Column("contrast", "text", "groups that are compared", required=True),
        Column("factor_kind", "text", "event or label", required=True, allowed=("event", "label")),
        Column("status", "text", "whether it was tested", required=True, allowed=(TESTED, REFUSED)),
        Column("reason", "text", "why it was not tested"),
        Column("scale", "text", "unit of the effect", required=True, allowed=SCALES),
        Column("effect", "number", "difference between the groups, or per step; relative to the centre"),
        Column("low", "number", "lower 95 % bound of the effect, from the linear model"),
        Column("high", "number", "upper 95 % bound of the effect, from the linear model"),
        Column("centre", "number", "common shift of all cell types that was taken as no effect (log_ratio)"),
        share("p", "p that was adjusted: by permutation where a group is small, else of the linear model"),
        share("q", "p adjusted within the family and kind of factor (Benjamini-Hochberg)"),
        share("p_model", "p of the moderated linear model"),
        share("p_permutation", "p by permutation, where a group is small"),
        Column("df", "number", "degrees of freedom of the moderated t", low=0.0),
        Column("n_patients", "integer", "patients in the model", low=0),
        Column("n_samples", "integer", "samples in the model", low=0),
        Column("n_unknown", "integer", "patients with the feature whose event or label is not known: left out", low=0),
        Column("groups", "text", "patients in each group"),
        Column("model", "text", "linear, or with an intercept per patient", allowed=("linear", "random_intercept")),
        Column("adjusted_for", "list", "covariates of the model"),
        Column("effect_min", "number", "smallest effect when each site or batch is left out in turn"),
        Column("effect_max", "number", "largest effect when each site or batch is left out in turn"),
        Column("sign_stable", "flag", "the effect keeps its sign whichever is left out"),
        Column("flags", "list", "what a careful reader would want to know"),
    ),
)

SENSITIVITY = Table(
    "sensitivity",
    "Each association again with one site or batch left out.",
    ("family", "feature", "factor", "contrast", "left_out"),
    (
        *_about_pair(),
        Column("factor", "text", "event of the catalogue or risk system", required=True),
        Column("contrast", "text", "groups that are compared", required=True),
        Column("left_out", "text", "site or batch that was left out", required=True),
        Column("effect", "number", "difference between the groups, or per step"),
        Column("low", "number", "lower 95 % bound"),
        Column("high", "number", "upper 95 % bound"),
        share("p", "p of the moderated linear model"),
        Column("n_patients", "integer", "patients in the model", low=0),
    ),
)

TRENDS = Table(
    "trends",
    "Every feature of the marrow along MGUS, SMM, MM: ordered tests, patients as units, within site, batch and sort.",
    ("family", "feature"),
    (
        *_about_pair(),
        Column("status", "text", "whether it was tested", required=True, allowed=(TESTED, REFUSED)),
        Column("reason", "text", "why it was not tested"),
        Column("effect", "number", "pairs that rise minus pairs that fall, of all pairs of steps", low=-1.0, high=1.0),
        Column("low", "number", "lower 95 % bound", low=-1.0, high=1.0),
        Column("high", "number", "upper 95 % bound", low=-1.0, high=1.0),
        share("p", "p of the Jonckheere-Terpstra test, by permutation within strata"),
        share("q", "p adjusted within the family (Benjamini-Hochberg)"),
        Column("n_patients", "integer", "patients", low=0),
        Column("groups", "text", "patients in each step"),
        Column("strata", "integer", "strata of site, batch and sort that hold more than one step", low=0),
        Column("adjusted_for", "list", "what the strata are made of"),
    ),
)

SURVIVAL = Table(
    "survival",
    "Cox models of risk labels with and without the marrow.",
    ("endpoint", "system", "model", "term"),
    (
        Column("endpoint", "text", "overall or progression-free survival", required=True, allowed=("os", "pfs")),
        Column("system", "text", "risk system", required=True),
        Column("model", "text", "what is in the model", required=True, allowed=("label", "marrow", "label_and_marrow")),
        Column("term", "text", "coefficient; model for the model as a whole", required=True),
        Column("status", "text", "whether it was fitted", required=True, allowed=(TESTED, REFUSED)),
        Column("reason", "text", "why it was not fitted"),
        Column("hazard_ratio", "number", "per step of the label, or per standard deviation", low=0.0),
        Column("low", "number", "lower 95 % bound", low=0.0),
        Column("high", "number", "upper 95 % bound", low=0.0),
        share("p", "Wald p of a term"),
        share("concordance", "cross-validated concordance of the model: median over repeats"),
        share("concordance_low", "5th percentile over repeats of the cross-validation"),
        share("concordance_high", "95th percentile over repeats of the cross-validation"),
        Column("n_patients", "integer", "patients", low=0),
        Column("n_events", "integer", "deaths or progressions", low=0),
    ),
)

KAPLAN_MEIER = Table(
    "kaplan_meier",
    "Survival curves per label: a row per step of each curve.",
    ("endpoint", "system", "label", "months"),
    (
        Column("endpoint", "text", "overall or progression-free survival", required=True, allowed=("os", "pfs")),
        Column("system", "text", "risk system", required=True),
        Column("label", "text", "label of the patients", required=True),
        Column("months", "number", "time", required=True, low=0.0),
        share("survival", "share without an event"),
        share("low", "lower 95 % bound"),
        share("high", "upper 95 % bound"),
        Column("n_at_risk", "integer", "patients at risk just before", low=0),
        Column("n_events", "integer", "events at this time", low=0),
        share("logrank_p", "p of the log-rank test over all labels of the system"),
    ),
)
