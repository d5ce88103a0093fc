//! What the published statistics are cut by, under the names they are published with.

macro_rules! published {
    ($(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident $text:literal, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_doc])* $variant, )* }

        impl $name {
            /// All of them, in the order in which rows are sorted.
            pub const ALL: &[Self] = &[$( Self::$variant ),*];

            /// The name as published.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $text ),* }
            }

            /// The one with this published name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.name() == name)
            }
        }
    };
}

published! {
    /// The cancer suspected at referral: the cut of FDS and of first-seen activity (4.1).
    SuspectedType {
        /// Type 05.
        AcuteLeukaemia "Suspected acute leukaemia",
        /// Type 10.
        BrainCentralNervousSystem "Suspected brain/central nervous system tumours",
        /// Type 01.
        Breast "Suspected breast cancer",
        /// Type 16.
        BreastSymptoms "Exhibited (non-cancer) breast symptoms - cancer not initially suspected",
        /// Type 02.
        Childrens "Suspected children's cancer",
        /// Type 09.
        Gynaecological "Suspected gynaecological cancer",
        /// Type 04.
        Haematological "Suspected haematological malignancies (excluding acute leukaemia)",
        /// Type 13.
        HeadAndNeck "Suspected head & neck cancer",
        /// Type 07.
        LowerGastrointestinal "Suspected lower gastrointestinal cancer",
        /// Type 03.
        Lung "Suspected lung cancer",
        /// Type 17.
        NonSpecificSymptoms "Suspected cancer - non-specific symptoms",
        /// Type 15.
        Other "Suspected other cancer",
        /// Type 14.
        Sarcoma "Suspected sarcoma",
        /// Type 08.
        Skin "Suspected skin cancer",
        /// Type 12.
        Testicular "Suspected testicular cancer",
        /// Type 06.
        UpperGastrointestinal "Suspected upper gastrointestinal cancer",
        /// Type 11.
        Urological "Suspected urological malignancies (excluding testicular)",
        /// None given, or none that is listed (for screening: no listed programme).
        MissingOrInvalid "Missing or Invalid",
    }
}

published! {
    /// The diagnosed tumour: a cut of the 31- and 62-day standards (4.1).
    TumourGroup {
        /// Breast.
        Breast "Breast",
        /// Gynaecological.
        Gynaecological "Gynaecological",
        /// Lymphoma.
        Lymphoma "Haematological - Lymphoma",
        /// Haematological, but for lymphoma.
        HaematologicalOther "Haematological - Other (a)",
        /// Head and neck.
        HeadAndNeck "Head & Neck",
        /// Lower gastrointestinal.
        LowerGastrointestinal "Lower Gastrointestinal",
        /// Lung.
        Lung "Lung",
        /// Brain, sarcoma, not separately classified, and every cancer of a child.
        Other "Other (a)",
        /// Skin.
        Skin "Skin",
        /// Liver, pancreas and bile ducts.
        Hepatobiliary "Upper Gastrointestinal - Hepatobiliary",
        /// Oesophagus and stomach.
        OesophagusAndStomach "Upper Gastrointestinal - Oesophagus & Stomach",
        /// Urological, but for prostate.
        UrologicalOther "Urological - Other (a)",
        /// Prostate.
        Prostate "Urological - Prostate",
    }
}

published! {
    /// The kind of treatment: a cut of the 31- and 62-day standards (4.1, R11).
    ModalityGroup {
        /// Drugs.
        Drugs "Anti-cancer drug regimen",
        /// Anything else, unlisted and unknown included.
        Other "Other",
        /// Radiotherapy.
        Radiotherapy "Radiotherapy",
        /// Surgery.
        Surgery "Surgery",
    }
}
